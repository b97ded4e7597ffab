// The function that is minimised, for transformations that evaluate it themselves: line searches.
//
// Corresponds to the keyword arguments value, grad and value_fn of optax's extra-args transformations.

public import Core
import Tree

/// A function of parameters, with its value and gradient where the update starts.
public struct Objective {
  /// The value at the parameters.
  public let value: Tensor
  /// The gradient at the parameters.
  public let gradient: Updates
  /// The value and the gradient at other parameters.
  public let evaluate: (Updates) throws -> (value: Tensor, gradient: Updates)

  init<M: PyTree>(
    value: Tensor, gradient: Updates, of function: @escaping (M) throws -> Tensor, at model: M
  ) {
    self.value = value
    self.gradient = gradient
    evaluate = { parameters in
      let leaves = model.leaves
      let slots = gradient.values.indices.filter { gradient.values[$0] != nil }
      let valueAndGradient = valueAndGrad { (xs: [Tensor]) in
        var moved = leaves
        for (i, x) in zip(slots, xs) { moved[i] = .tensor(x) }
        return try function(model.unflatten(moved))
      }
      let (value, parts) = try valueAndGradient(slots.compactMap { parameters.values[$0] })
      var values = [Tensor?](repeating: nil, count: leaves.count)
      for (i, part) in zip(slots, parts) { values[i] = part }
      return (value, Updates(gradient.outline, values))
    }
  }
}
