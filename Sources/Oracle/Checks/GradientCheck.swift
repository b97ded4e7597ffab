// Is the formula right? The derivative programs against two independent oracles, in double-double.
//
// Differences know nothing but the function. Dual numbers know the derivative of each scalar
// operation and no tensor rule. Forward programs are compared result by result along a random
// direction v; reverse programs through ⟨Jᵀw, v⟩ = ⟨w, Jv⟩ and, where that is cheap, coordinate by
// coordinate. Every allowance is the oracle's own estimate plus the running bounds of both sides.
// At a kink no difference can decide: there each rule must lie between the one-sided slopes,
// coordinate by coordinate, and which of them it takes is a convention that goldens hold.

import Catalogue
import Core

/// The formula check of one derivative at one point.
struct GradientCheck {
  let program: DerivativeProgram
  let subject: String
  let family: String
  private let v: [[Double]]
  private let w: [[Double]]
  private let dual: [Dual<Bounded>]
  private let differences: FiniteDifference

  /// Coordinates are compared one by one while that takes at most this many scalar operations: a
  /// few hundredths of a second.
  private static let coordinateBudget = 100_000

  /// At a kink at most this many coordinates are looked at, six runs of the program for each.
  private static let mostKinks = 4096

  init(
    _ program: DerivativeProgram, subject: String, family: String, seed: UInt64
  ) throws {
    var random = SeededGenerator(seed: seed)
    (self.program, self.subject, self.family) = (program, subject, family)
    let v = Directions.relative(to: program.coordinates, &random)
    self.v = v
    w = Directions.plain(program.resultCounts, &random)
    dual = try program.dual(along: v)
    differences = FiniteDifference(
      atZero: dual.map(\.primal.value), errors: dual.map(\.primal.error)
    ) { try program.value(along: v, $0) }
  }

  /// Whether there is nothing to compare: no floating-point element among operands or results.
  private var isEmpty: Bool { v.allSatisfy(\.isEmpty) || w.allSatisfy(\.isEmpty) }

  /// The dual derivative of each result along a direction, NaN where the result itself is not
  /// finite: there a derivative decides nothing.
  private static func tangents(_ dual: [Dual<Bounded>]) -> [Bounded] {
    dual.map { $0.isFinite ? $0.tangent : .nan }
  }

  /// Two operands of one type with equal elements: exchanging them would go unseen.
  private var duplicates: String {
    let buffers = program.split.differentiable(program.point)
    for (i, x) in buffers.enumerated() where x.storage.count > 0 {
      for j in buffers.indices.dropFirst(i + 1)
      where x.aval == buffers[j].aval && x.storage.isBitwiseEqual(to: buffers[j].storage) {
        return "operands \(i) and \(j) are equal: an exchange of the two would not be seen"
      }
    }
    return ""
  }

  /// J v against differences and dual numbers.
  func forward() throws -> [Finding] {
    let rule = try program.forward(along: v)
    return try against(rule, "jvp") { best in
      var tally = Tally()
      for (i, (rule, d)) in zip(rule, best).enumerated() {
        tally.compare(rule.value, d.slope, allowance: d.tolerance + rule.error, place(i))
      }
      return tally
    } dual: {
      var tally = Tally()
      for (i, (rule, d)) in zip(rule, Self.tangents(dual)).enumerated() {
        tally.compare(
          rule.value, d.value, allowance: rule.error + d.error, place(i))
      }
      return tally
    }
  }

  /// Jᵀ w against differences and dual numbers.
  func reverse() throws -> [Finding] {
    let rule = try program.reverse(from: w)
    let product = dot(rule, v.joined())
    return try against(rule, "vjp") { best in
      var tally = Tally()
      let weights = w.joined()
      let slope = dot(best.map { Bounded($0.slope, error: $0.tolerance) }, weights)
      tally.compare(
        product.value, slope.value, allowance: slope.error + product.error, "⟨Jᵀw, v⟩")
      return tally
    } dual: {
      var tally = Tally()
      let expected = dot(Self.tangents(dual), w.joined())
      tally.compare(
        product.value, expected.value, allowance: product.error + expected.error, "⟨Jᵀw, v⟩")
      try compareCoordinates(rule, &tally)
      return tally
    }
  }

  /// (Jᵀ w)ⱼ against ⟨w, J eⱼ⟩ by dual numbers, for every coordinate j if there are not too many.
  private func compareCoordinates(_ rule: [Bounded], _ tally: inout Tally) throws {
    guard isCheap else { return }
    for j in rule.indices {
      let expected = dot(Self.tangents(try program.dual(along: unit(j))), w.joined())
      tally.compare(
        rule[j].value, expected.value, allowance: rule[j].error + expected.error,
        coordinate(j))
    }
  }

  /// The number of coordinates of the point.
  private var count: Int { v.reduce(0) { $0 + $1.count } }

  private var isCheap: Bool {
    count * program.work <= Self.coordinateBudget
  }

  /// One finding per oracle; both are kinks where the differences find one.
  private func against(
    _ rule: [Bounded], _ mode: String, differences compare: ([Difference]) throws -> Tally,
    dual: () throws -> Tally
  ) throws -> [Finding] {
    if isEmpty {
      return ["differences", "dual numbers"].map {
        finding(Tally(), "\(mode) = \($0)", .pass, "no floating-point elements")
      }
    }
    var ladder = differences
    var best = try ladder.differences()
    if try compare(best).hasFailed { best = try ladder.refined() }
    if best.contains(where: { $0.kind == .kink }) { return [try kink(mode)] }
    let isEdge = best.contains { $0.kind == .edge }
    return [
      finding(
        try compare(best), "\(mode) = differences", isEdge ? .edge : .pass,
        isEdge ? "one-sided differences" : ""),
      finding(try dual(), "\(mode) = dual numbers", .pass, ""),
    ]
  }

  private func finding(
    _ tally: Tally, _ check: String, _ passed: Verdict, _ note: String
  ) -> Finding {
    let isVacuous = !duplicates.isEmpty && passed == .pass
    return tally.finding(
      subject: subject, family: family, check: check, passed: isVacuous ? .vacuous : passed,
      note: isVacuous ? duplicates : note)
  }

  /// Each entry of the Jacobian between the one-sided slopes of its own coordinate.
  private func kink(_ mode: String) throws -> Finding {
    var tally = Tally()
    var isWithin = true
    for j in 0..<min(count, Self.mostKinks) {
      let scale = Directions.scale(program.coordinates.joined().map(\.hi)[j], orOf: 1)
      let direction = unit(j, scale)
      let column = try program.dual(along: direction).map(\.primal)
      var ladder = FiniteDifference(atZero: column.map(\.value), errors: column.map(\.error)) {
        try program.value(along: direction, $0)
      }
      let slopes = try ladder.differences()
      let entries =
        mode == "jvp"
        ? try program.forward(along: direction) : try reverseEntries(j, scale, slopes.count)
      for (i, (entry, d)) in zip(entries, slopes).enumerated() where d.kind != .undecided {
        let (low, high) = (min(d.left, d.right), max(d.left, d.right))
        let nearest = min(max(entry.value, low), high)
        tally.compare(
          entry.value, nearest, allowance: d.tolerance + entry.error,
          "\(place(i)), \(coordinate(j)), slopes \(low) to \(high)")
        isWithin = isWithin && !tally.hasFailed
      }
    }
    return finding(
      tally, "\(mode) at a kink", .kink, isWithin ? "between the one-sided slopes" : "")
  }

  /// Column j of the Jacobian, times `scale`, by one reverse run per result.
  private func reverseEntries(_ j: Int, _ scale: Double, _ count: Int) throws -> [Bounded] {
    try (0..<count).map { i in
      var all = [Double](repeating: 0, count: count)
      all[i] = scale
      return try program.reverse(from: split(all, program.resultCounts))[j]
    }
  }

  /// `scale` times eⱼ over all operands.
  private func unit(_ j: Int, _ scale: Double = 1) -> [[Double]] {
    var all = [Double](repeating: 0, count: count)
    all[j] = scale
    return split(all, v.map(\.count))
  }

  private func place(_ i: Int) -> String {
    located(i, program.value.outAvals.map(\.shape), "result")
  }

  private func coordinate(_ j: Int) -> String {
    located(j, program.split.differentiable(program.point).map(\.shape), "operand")
  }
}

/// Σ xᵢ wᵢ.
func dot(_ x: [Bounded], _ w: some Sequence<Double>) -> Bounded {
  zip(x, w).reduce(0) { $0 + $1.0 * Bounded(DoubleDouble($1.1)) }
}

/// `all` in pieces of `counts` elements.
func split<T>(_ all: [T], _ counts: [Int]) -> [[T]] {
  var rest = all[...]
  return counts.map { count in
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}

/// Which array and which index the flat position `i` over arrays of `shapes` is: `result 0 [1,2]`.
func located(_ i: Int, _ shapes: [[Int]], _ name: String) -> String {
  var i = i
  for (array, shape) in shapes.enumerated() {
    let size = shape.reduce(1, *)
    if i < size {
      return "\(name) \(array) \(multiIndex(i, shape))"
    }
    i -= size
  }
  return "\(name) \(i)"
}
