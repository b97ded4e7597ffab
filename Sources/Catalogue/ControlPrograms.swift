// The programs of control.h5: every function by its own name, and nests of transformations of it.

import Core

extension Catalogue {
  /// Every function of control.h5.
  static let controlFunctions: [String: ControlFunction] = [
    branchFunctions, whileFunctions, scanFunctions, callFunctions,
  ].reduce(into: [:]) { all, some in
    all.merge(some) { _, _ in preconditionFailure("two functions share a name") }
  }

  static let controlEntries: [String: Entry] = {
    var all = controlFunctions.mapValues { function in
      let arity = function.arity...function.arity
      return function.isDirected
        ? Entry(arity, ScanParameters.self) { p in { try function.f(p.reverse, $0) } }
        : Entry(arity, NoParameters.self) { _ in { try function.f(false, $0) } }
    }
    all["control"] = Entry(1...Int.max, NestParameters.self) { p in
      guard let function = controlFunctions[p.function] else {
        throw CatalogueError(program: "control", message: "has no function '\(p.function)'")
      }
      let innermost = Nested(count: { _ in function.arity }, f: { try function.f(p.reverse, $0) })
      return try p.nest.reversed().reduce(innermost) { try $0.transformed($1, p.in_axes) }.f
    }
    return all
  }()
}

/// `{"reverse":false}`.
struct ScanParameters: ParameterSet {
  static let keys: Set = ["reverse"]
  let reverse: Bool
}

/// `{"function":"scan_rnn","in_axes":[null,0,1],"nest":["vjp","vmap"],"reverse":false}`, the
/// outermost transformation first.
private struct NestParameters: ParameterSet {
  static let keys: Set = ["function", "in_axes", "nest", "reverse"]
  let function: String
  let in_axes: [Int?]
  let nest: [String]
  let reverse: Bool
}

/// A function whose operands are followed by those of the transformations around it.
private struct Nested: Sendable {
  /// How many of the operands are its own.
  let count: @Sendable ([Tensor]) throws -> Int
  let f: Function

  /// `name` of this function.
  func transformed(_ name: String, _ inAxes: [Int?]) throws -> Nested {
    switch name {
    case "jit":
      let compiled = jit(f)
      return Nested(count: count) { try compiled($0) }
    case "vmap":
      let f = f
      return Nested(count: count) { x in
        let rest = [Int?](repeating: 0, count: Swift.max(0, x.count - inAxes.count))
        return try vmap(f, inAxes: inAxes + rest)(x)
      }
    case "jvp":
      return Nested(count: { try count($0) + split($0).own.count { $0.dtype.isInexact } }) {
        try jvp($0)
      }
    case "vjp": return Nested(count: { $0.count }) { try vjp($0) }
    default:
      throw CatalogueError(program: "control", message: "has no transformation '\(name)'")
    }
  }

  /// The operands of this function and those after them.
  private func split(_ all: [Tensor]) throws -> (own: [Tensor], rest: [Tensor]) {
    let count = try count(all)
    guard count <= all.count else {
      throw CatalogueError(
        program: "control", message: "takes \(count) operands or more, got \(all.count)")
    }
    return (Array(all[..<count]), Array(all[count...]))
  }

  /// (x, dx of what is floating-point) ↦ (y, dy of what is).
  private func jvp(_ all: [Tensor]) throws -> [Tensor] {
    let (own, dx) = try split(all)
    let (y, dy) = try Core.jvp(ofInexact(own), own.filter(\.dtype.isInexact), dx)
    return y + zip(y, dy).filter(\.0.dtype.isInexact).map(\.1)
  }

  /// (x, ct of what is floating-point of y) ↦ (y, ct of what is of x).
  private func vjp(_ all: [Tensor]) throws -> [Tensor] {
    let (own, cts) = try split(all)
    let (y, pullback) = try Core.vjp(ofInexact(own), own.filter(\.dtype.isInexact))
    return try y + pullback(cts)
  }

  /// The function of its floating-point operands alone.
  private func ofInexact(_ x: [Tensor]) -> ([Tensor]) throws -> [Tensor] {
    { some in
      var next = some[...]
      return try f(x.map { $0.dtype.isInexact ? next.removeFirst() : $0 })
    }
  }
}
