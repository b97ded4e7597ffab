// A small model with a leaf that is not trained, and optimisers as functions of lists of tensors.
//
// As such they can be staged and run on double-double numbers with a running error bound, so that laws
// are compared within derived bounds (`expectSame`).

import Core
import Optim
import TestSupport
import Tree

/// Weights, a number that is no tensor, and a bias that may be missing.
struct Small: PyTree {
  var weight: Tensor
  var steps = 7
  var bias: Tensor?
  var absent: Tensor?

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weight", &weight)
    visitor.field("steps", &steps)
    visitor.field("bias", &bias)
    visitor.field("absent", &absent)
  }

  /// The tensors in order.
  var tensors: [Tensor] { leaves.compactMap(\.tensor) }

  /// The map with these tensors at the leaves that are tensors.
  func gradient(_ xs: [Tensor]) throws -> LeafMap<Small, Tensor?> {
    try LeafMap(like: self, values: [xs[0], nil, xs[1]])
  }
}

/// A model `[2,2]`, `[2]` with seeded numbers, away from 0.
func sampleModel(_ dtype: DType = .f64) -> Small {
  Small(weight: Tensor([[1.5, -2], [0.25, 3]], dtype), bias: Tensor([0.5, -1.25], dtype))
}

/// Gradients for `steps` updates of the sample model, two tensors each.
func sampleGradients(_ steps: Int, _ dtype: DType = .f64) -> [Tensor] {
  (1...steps).flatMap { k in
    let x = Double(k)
    return [
      Tensor([[0.5 * x - 2.25, 0.75], [-0.125 * x, 1.5 - x]], dtype),
      Tensor([0.3125 * x, -0.6875], dtype),
    ]
  }
}

/// The updates of an optimiser: of parameters and of gradients, two tensors each, the updates of all
/// steps. Parameters move as they would in training.
func program<O: GradientTransformation>(
  _ optimiser: O, passesParameters: Bool = true
) -> ([Tensor]) throws -> [Tensor] {
  { xs in
    var model = Small(weight: xs[0], bias: xs[1])
    var state = try optimiser.initialise(model)
    var out: [Tensor] = []
    for k in stride(from: 2, to: xs.count, by: 2) {
      let gradient = try model.gradient([xs[k], xs[k + 1]])
      let updates = try optimiser.update(gradient, &state, passesParameters ? model : nil)
      out += updates.values.compactMap { $0 }
      model = try applyUpdates(model, updates)
    }
    return out
  }
}

/// The inputs of `program` for so many steps.
func sampleInputs(_ steps: Int, _ dtype: DType = .f64) -> [Tensor] {
  sampleModel(dtype).tensors + sampleGradients(steps, dtype)
}

/// What an operation threw, in words; empty if nothing.
func message(_ body: () throws -> some Any) -> String {
  do {
    _ = try body()
    return ""
  } catch { return "\(error)" }
}
