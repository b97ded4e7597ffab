// The operations that reach across the axis that a `vmap` named, under JAX's names.
//
// They have no arithmetic of their own: `vmap` resolves them into operations on the mapped axis, and
// outside one the name is unbound.

/// An operation of every example with the others along a named axis.
public enum Collective: Hashable, Sendable {
  case psum, pmax, pmin
  /// The operands of all `size` examples along `axis`: a new one, or joined end to end when `tiled`.
  case allGather(axis: Int, size: Int, tiled: Bool)
  /// The sum over the `size` examples, of which each keeps its own part along `axis`: its index, or
  /// its section when `tiled`. The transpose of `allGather`.
  case reduceScatter(axis: Int, size: Int, tiled: Bool)
  /// The operand of another example, as the pairs say; together they permute the axis.
  case ppermute([Exchange])

  /// One pair of a permutation of the named axis.
  public struct Exchange: Hashable, Sendable {
    /// Whose operand goes.
    public let source: Int
    /// Where it arrives.
    public let target: Int

    /// The operand of example `source` for example `target`.
    public init(_ source: Int, _ target: Int) {
      self.source = source
      self.target = target
    }
  }

  /// The name in `jax.lax`.
  var name: String {
    switch self {
    case .psum: "psum"
    case .pmax: "pmax"
    case .pmin: "pmin"
    case .allGather: "all_gather"
    case .reduceScatter: "reduce_scatter"
    case .ppermute: "ppermute"
    }
  }

  /// The parameters over the axis `axisName`, in JAX's order and notation.
  func parameters(_ axisName: String) -> [(name: String, value: String)] {
    let name = "('\(axisName)',)"
    func flag(_ value: Bool) -> String { value ? "True" : "False" }
    return switch self {
    case .psum, .pmax, .pmin: [("axes", name)]
    case .allGather(let axis, let size, let tiled):
      [
        ("all_gather_dimension", "\(axis)"), ("axis_name", name), ("axis_size", "\(size)"),
        ("tiled", flag(tiled)),
      ]
    case .reduceScatter(let axis, let size, let tiled):
      [
        ("axis_name", name), ("axis_size", "\(size)"), ("scatter_dimension", "\(axis)"),
        ("tiled", flag(tiled)),
      ]
    case .ppermute(let pairs): [("axis_name", name), ("perm", printed(pairs))]
    }
  }
}

/// `((0, 1), (1, 0))`.
func printed(_ pairs: [Collective.Exchange]) -> String {
  let all = pairs.map { "(\($0.source), \($0.target))" }.joined(separator: ", ")
  return pairs.count == 1 ? "(\(all),)" : "(\(all))"
}
