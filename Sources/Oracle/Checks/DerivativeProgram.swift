// A function at a point as three closed programs: F its value, J its derivative forwards, G its
// derivative backwards.
//
// Staged once, run many times on any number type. Whole numbers and booleans among the operands are
// held fixed; whole numbers and booleans among the results have no derivative and are left out.

public import Core

/// The programs that the checks of a derivative run, and the point at which they run them.
public struct DerivativeProgram: Sendable {
  /// The operands at the point.
  public let point: [Buffer]
  /// x ↦ f(x), the floating-point results only.
  public let value: Jaxpr
  /// (x, v) ↦ J v, v for the floating-point operands.
  public let forward: Jaxpr
  /// (x, w) ↦ Jᵀ w, w for the floating-point results.
  public let reverse: Jaxpr

  /// Stages `f` and its derivatives at the types of `inputs`, and checks the three programs.
  /// - Throws: what `f` throws, `TraceError` for a function that cannot be differentiated.
  public init(_ f: @escaping ([Tensor]) throws -> [Tensor], at inputs: [Tensor]) throws {
    point = try inputs.map { try $0.buffer }
    let avals = inputs.map(\.aval)
    let split = OperandSplit(avals)
    let inexact: ([Tensor]) throws -> [Tensor] = { try f($0).filter { $0.dtype.isInexact } }
    let value = try makeJaxpr(inexact)(avals)
    let forward = try makeJaxpr { all in
      let (x, v) = (Array(all.prefix(avals.count)), Array(all.dropFirst(avals.count)))
      return try jvp({ try inexact(split.merged(x, $0)) }, split.differentiable(x), v).tangents
    }(avals + split.differentiable(avals))
    let reverse = try makeJaxpr { all in
      let (x, w) = (Array(all.prefix(avals.count)), Array(all.dropFirst(avals.count)))
      return try vjp({ try inexact(split.merged(x, $0)) }, split.differentiable(x)).pullback(w)
    }(avals + value.outAvals)
    for program in [value, forward, reverse] { try program.check() }
    (self.value, self.forward, self.reverse) = (value.inlined, forward.inlined, reverse.inlined)
  }

  /// Which operands are differentiated.
  var split: OperandSplit { OperandSplit(point.map(\.aval)) }

  /// The elements of each differentiated operand.
  var coordinates: [[DoubleDouble]] { split.differentiable(point).map(\.storage.exact) }

  /// The elements of each result.
  var resultCounts: [Int] { value.outAvals.map(\.size) }

  /// How many scalar operations one run of F takes: what each equation reads, and for a contraction
  /// the products.
  var work: Int {
    value.eqns.reduce(0) { total, eqn in
      let read = eqn.ins.map(\.aval.size).max() ?? 0
      let written = eqn.outs.reduce(0) { $0 + $1.aval.size }
      let shapes = eqn.ins.map(\.aval.shape)
      if case .dotGeneral(let d) = eqn.primitive {
        return total + written * d.lhsContracting.reduce(1) { $0 * shapes[0][$1] }
      }
      if case .convGeneralDilated(let c) = eqn.primitive {
        return total + written * ConvExtents(c, lhs: shapes[0], rhs: shapes[1]).terms
      }
      return total + max(read, written)
    }
  }

  /// F(x + t v) in double-double; x is exact, so is every x + t v for t a power of two.
  func value(along v: [[Double]], _ t: Double) throws -> [DoubleDouble] {
    try ReferenceInterpreter<DoubleDouble>.run(value, moved(v, t)).flatMap(\.exact)
  }

  /// Jᵀ w at x + t v in double-double.
  func reverse(from w: [[Double]], along v: [[Double]], _ t: Double) throws -> [DoubleDouble] {
    let cotangents: [ReferenceValue<DoubleDouble>] = Self.values(w, value.outAvals.map(\.shape))
    return try ReferenceInterpreter<DoubleDouble>.run(reverse, moved(v, t) + cotangents)
      .flatMap(\.exact)
  }

  /// The operands at x + t v.
  private func moved(_ v: [[Double]], _ t: Double) -> [ReferenceValue<DoubleDouble>] {
    operands(
      zip(coordinates, v).map { x, v in zip(x, v).map { DoubleDouble(sum: $0.hi, t * $1) } })
  }

  /// F on dual numbers with running bounds: each result and its derivative along `v`.
  func dual(along v: [[Double]]) throws -> [Dual<Bounded>] {
    let moved = zip(coordinates, v).map { x, v in
      zip(x, v).map { Dual(Bounded($0), tangent: Bounded(DoubleDouble($1))) }
    }
    return try ReferenceInterpreter<Dual<Bounded>>.run(value, operands(moved)).flatMap(\.elements)
  }

  /// J v by the rules, with running bounds.
  func forward(along v: [[Double]]) throws -> [Bounded] {
    try run(forward, v, shapes: split.differentiable(point).map(\.shape))
  }

  /// Jᵀ w by the rules, with running bounds.
  func reverse(from w: [[Double]]) throws -> [Bounded] {
    try run(reverse, w, shapes: value.outAvals.map(\.shape))
  }

  /// `body(x, extra)` staged, x all operands, and run at the point with running bounds.
  func run(
    _ extra: [[Double]], of avals: [ShapedArray],
    _ body: @escaping (_ x: [Tensor], _ extra: [Tensor]) throws -> [Tensor]
  ) throws -> [Bounded] {
    let n = point.count
    let jaxpr = try makeJaxpr { try body(Array($0[..<n]), Array($0[n...])) }(
      point.map(\.aval) + avals)
    try jaxpr.check()
    return try run(jaxpr, extra, shapes: avals.map(\.shape))
  }

  private func run(_ jaxpr: Jaxpr, _ extra: [[Double]], shapes: [[Int]]) throws -> [Bounded] {
    let inputs = point.map { ReferenceValue<Bounded>($0) } + Self.values(extra, shapes)
    return try ReferenceInterpreter<Bounded>.run(jaxpr, inputs).flatMap(\.elements)
  }

  /// Entries as values of these shapes.
  private static func values<S: Scalar>(
    _ entries: [[Double]], _ shapes: [[Int]]
  ) -> [ReferenceValue<S>] {
    zip(shapes, entries).map { shape, entries in
      .inexact(DenseArray(shape: shape, scalars: entries.map { S(DoubleDouble($0)) }))
    }
  }

  /// The operands with `elements` in place of the differentiated ones.
  private func operands<S: Scalar>(_ elements: [[S]]) -> [ReferenceValue<S>] {
    let moved = zip(split.differentiable(point), elements).map { buffer, elements in
      ReferenceValue<S>.inexact(DenseArray(shape: buffer.shape, scalars: elements))
    }
    return split.merged(point.map { ReferenceValue<S>($0) }, moved)
  }
}

extension ReferenceValue {
  /// The elements of a floating-point value.
  var elements: [S] { if case .inexact(let x) = self { x.scalars } else { [] } }
}

/// Operands divided into those that have a tangent space and the rest.
struct OperandSplit: Sendable {
  /// Where the floating-point operands stand.
  let places: [Int]

  init(_ avals: [ShapedArray]) { places = avals.indices.filter { avals[$0].dtype.isInexact } }

  /// The floating-point ones of `all`.
  func differentiable<T>(_ all: [T]) -> [T] { places.map { all[$0] } }

  /// `all` with `some` in place of the floating-point ones.
  func merged<T>(_ all: [T], _ some: [T]) -> [T] {
    var all = all
    for (place, x) in zip(places, some) { all[place] = x }
    return all
  }
}
