// jit of functions that change a tree: a train step changes the model and the optimiser's state.
//
// While it runs, the caller's tree is ours alone, so its arrays are written over where nobody else holds
// them: the memory of one model instead of two (what Equinox calls donation). An array that
// somebody else holds too is copied first: unlike a donated array, no other copy ever changes or breaks.

public import Core

/// A function that changes its first argument, traced once per structure, then run as a compiled
/// program.
public final class FilterJittedInPlace<C: PyTree, each A: PyTree, R: PyTree>: Sendable {
  private let f: @Sendable (inout C, repeat each A) throws -> R
  private let pure: FilterJitted<C, Tuple<repeat each A>, Tuple<C, R>>

  init(_ f: @escaping @Sendable (inout C, repeat each A) throws -> R) {
    self.f = f
    pure = FilterJitted(
      { (changed: C, rest: Tuple<repeat each A>) in
        var changed = changed
        let result = try f(&changed, repeat each rest.elements)
        return Tuple(changed, result)
      },
      givingUp: { changed, _ in changed.leaves.count { $0.tensor != nil } })
  }

  /// How often the function was traced.
  public var traceCount: Int { pure.traceCount }

  /// Forgets every program; the next call traces again.
  public func clearCaches() { pure.clearCaches() }

  /// The result of the function, which changes `changed`; a call that throws leaves it as it was.
  public func callAsFunction(_ changed: inout C, _ rest: repeat each A) throws -> R {
    guard Context.isEvaluating else {
      var copy = changed
      let result = try f(&copy, repeat each rest)
      changed = copy
      return result
    }
    var (program, leaves) = try pure.prepared(changed, Tuple(repeat each rest))
    let inputs = try buffers(of: leaves)
    leaves = []
    // A program that writes over its inputs does not throw, so their holder may let go of them.
    if program.isGiven { changed = program.template.elements.0 }
    let result = try program.run(consume inputs).elements
    changed = result.0
    return result.1
  }
}

/// `f`, which changes its first argument, traced once per structure of its arguments.
public func filterJitInPlace<C: PyTree, each A: PyTree, R: PyTree>(
  _ f: @escaping @Sendable (inout C, repeat each A) throws -> R
) -> FilterJittedInPlace<C, repeat each A, R> {
  FilterJittedInPlace(f)
}
