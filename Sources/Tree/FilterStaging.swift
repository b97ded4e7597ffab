// Programs of functions from trees to trees: jaxprs, and shapes without values.

public import Core

/// The jaxpr of `f` for arguments like these; its inputs are their tensors in order.
public func filterMakeJaxpr<each A: PyTree, R: PyTree>(
  _ f: @escaping (repeat each A) throws -> R
) -> (repeat each A) throws -> Jaxpr {
  { (arguments: repeat each A) in try staged(f, repeat each arguments).jaxpr }
}

/// The type of each tensor that `f` returns for arguments like these; nil for other leaves.
public func filterEvalShape<each A: PyTree, R: PyTree>(
  _ f: @escaping (repeat each A) throws -> R
) -> (repeat each A) throws -> LeafMap<R, ShapedArray?> {
  { (arguments: repeat each A) in
    let result = try staged(f, repeat each arguments).result
    return result.map(result.tensors.map(\.aval))
  }
}

/// The program of `f`, and what it returned while it was traced.
func staged<each A: PyTree, R: PyTree>(
  _ f: @escaping (repeat each A) throws -> R, _ arguments: repeat each A
) throws -> (jaxpr: Jaxpr, result: Unpacked<R>) {
  let inputs = Unpacked(Tuple(repeat each arguments), where: isArray)
  let slot = Slot<Unpacked<R>>()
  let jaxpr = try makeJaxpr { xs in
    let result = Unpacked(try f(repeat each inputs.packed(xs).elements), where: isArray)
    slot.store(result)
    return result.tensors
  }(inputs.tensors.map(\.aval))
  return (jaxpr, try slot.value())
}
