// Functions of trees that bring their own derivative, forwards (rule FG-16).
//
// The rule sees whole trees; a nil among its tangents is a symbolic zero, which is all that leaves
// other than floating-point tensors ever have.

public import Core

/// `f`, differentiated by `rule`.
///
/// - Parameters:
///   - name: what a jaxpr calls the function.
///   - rule: the arguments and their tangents ↦ the result and its tangents, nil for zero; linear in
///     the tangents.
/// - Throws: when called, `TreeError.mismatch` if the rule's tangents have not the structure of its
///   result, `TraceError.illTyped` if its results have not the types of `f`'s.
public func filterCustomJVP<each A: PyTree, R: PyTree>(
  name: String = "f", _ f: @escaping @Sendable (repeat each A) throws -> R,
  rule:
    @escaping @Sendable (
      _ primals: Tuple<repeat each A>, _ tangents: Tuple<repeat LeafMap<each A, Tensor?>>
    ) throws -> (out: R, tangents: LeafMap<R, Tensor?>)
) -> @Sendable (repeat each A) throws -> R {
  { (arguments: repeat each A) in
    let inputs = Unpacked(Tuple(repeat each arguments), where: isArray)
    let slot = Slot<Unpacked<R>>()
    let custom = customJVP(
      name: name,
      { xs in
        let result = Unpacked(try f(repeat each inputs.packed(xs).elements), where: isArray)
        slot.store(result)
        return result.tensors
      },
      symbolicZeros: { xs, dxs in
        let primals = try inputs.packed(xs)
        var along = inputs.map(dxs).values.map { $0 ?? nil }[...]
        let (out, tangents) = try rule(
          primals, Tuple(repeat next(each primals.elements, &along)))
        if out.treeDef != tangents.structure { throw structureMismatch(out, tangents.like) }
        try requireInexact(out, tangents, "the JVP rule of \(name) gave a tangent")
        let result = Unpacked(out, where: isArray)
        slot.store(result)
        return (result.tensors, result.positions.map { tangents.values[$0] })
      })
    let outs = try custom(inputs.tensors)
    return try slot.value().packed(outs)
  }
}

/// The map of the first values, one per leaf of `tree`, which are taken away.
private func next<T: PyTree, Value>(
  _ tree: T, _ values: inout ArraySlice<Value>
) -> LeafMap<T, Value> {
  let count = tree.leaves.count
  defer { values = values.dropFirst(count) }
  return LeafMap(Skeleton(tree), Array(values.prefix(count)))
}

/// Throws, with the path, where a leaf that is no floating-point tensor has a derivative.
func requireInexact<T: PyTree>(
  _ tree: T, _ derivatives: LeafMap<T, Tensor?>, _ words: String
) throws {
  let leaves = tree.leaves
  guard
    let k = leaves.indices.first(where: {
      derivatives.values[$0] != nil && !isInexactArray(leaves[$0])
    })
  else { return }
  throw TreeError.badArgument(
    "\(words) for \(tree.leafPaths[k].place), which is no floating-point tensor but "
      + leaves[k].kind.description)
}
