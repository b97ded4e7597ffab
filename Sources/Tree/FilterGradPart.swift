// The gradient with respect to a part of a model, the other part being held fast (rule FG-01).
//
// `partition` gives both; the loss combines them again. What is not in the part has no gradient: nil.

public import Core

/// The gradient of `f` with respect to the floating-point tensors of a part of a tree.
/// - Throws: `TraceError.gradientOfNonScalar` unless `f` returns one floating-point scalar.
public func filterGrad<M: PyTree>(
  _ f: @escaping (PartialTree<M>) throws -> Tensor
) -> (PartialTree<M>) throws -> Gradient<M> {
  { part in
    let tensors = part.map { $0?.tensor }
    let gradient = try filterGrad { (tensors: LeafMap<M, Tensor?>) in
      try f(part.zip(tensors).map { leaf, tensor in tensor.map(Leaf.tensor) ?? leaf })
    }(tensors)
    // A leaf that is nil is no leaf of the gradient's own tree.
    var found = gradient.values.makeIterator()
    return tensors.map { $0.flatMap { _ in found.next() ?? nil } }
  }
}
