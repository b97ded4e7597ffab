// What a row of the table is asked on: one operation with operands, all of them from the catalogue.
//
// A primitive's probes are the equations of its own samples, and of other programs only when it has
// none. Operations that run programs and collectives, which no jaxpr of theirs shows alone, have
// probes written out here.

import Catalogue
import Core

/// One operation with operands.
struct Probe {
  /// The name of the row.
  let name: String
  let operands: [Buffer]
  /// The operation; a collective applies to one example.
  let body: @Sendable ([Tensor]) throws -> [Tensor]
  /// The axis of a collective: its rules are asked where `vmap` has not resolved it yet.
  var axisName: String?

  /// The operation on whole operands.
  var function: ([Tensor]) throws -> [Tensor] { mapped(body) }
  var avals: [ShapedArray] { operands.map(\.aval) }
  /// The operands that have a tangent space.
  var inexact: [Int] { avals.indices.filter { avals[$0].dtype.isInexact } }
  /// The operation as a program.
  var jaxpr: Jaxpr { get throws { try makeJaxpr(function)(avals) } }

  /// `f` of one example as a function of all.
  func mapped(_ f: @escaping ([Tensor]) throws -> [Tensor]) -> ([Tensor]) throws -> [Tensor] {
    axisName.map { vmap(f, axisName: $0) } ?? f
  }
}

extension Probe {
  /// How many equations of one primitive are asked, per dtype: parameters differ, questions do not.
  private static let perDType = 8

  /// The probes of every row, by name.
  static func all() throws -> [String: [Probe]] {
    let written = try higherOrder().merging(collectives()) { one, _ in one }
    var probes = written
    for dtype in DType.allCases {
      var found: [String: [Probe]] = [:]
      for sample in Catalogue.samples(dtype) where written[sample.program.name] == nil {
        try collect(sample, into: &found)
      }
      for (name, more) in found { probes[name, default: []] += more }
    }
    return probes
  }

  /// The equations of a sample that apply the primitive it is named after.
  private static func collect(_ sample: Sample, into found: inout [String: [Probe]]) throws {
    let name = sample.program.name
    guard Catalogue.primitiveNames.contains(name), found[name, default: []].count < perDType
    else { return }
    let jaxpr = try makeJaxpr(sample.program.function)(sample.operands.map(\.aval))
    guard jaxpr.eqns.contains(where: { $0.primitive.name == name }) else { return }
    let trace = try ReferenceBackend().compile(jaxpr).trace(sample.inputs(seed: 1))
    for (eqn, operands) in zip(jaxpr.eqns, trace.operands) where eqn.primitive.name == name {
      let primitive = eqn.primitive
      found[name, default: []].append(
        Probe(name: name, operands: operands, body: { try bind(primitive, $0) }))
    }
  }
}

// MARK: operations that run programs

extension Probe {
  /// Bodies are bilinear, so that the transpose has something to be linear in. The name is the one in
  /// the jaxpr.
  private static func higherOrder() throws -> [String: [Probe]] {
    let product: @Sendable ([Tensor]) throws -> [Tensor] = { [try $0[0] * $0[1]] }
    let all: [(second: [Int], function: @Sendable ([Tensor]) throws -> [Tensor])] = [
      ([3], { try jit(product)($0) }),
      ([3], { try checkpoint(product)($0) }),
      ([3], { try productJVP($0) }),
      ([3], { try productVJP($0) }),
      (
        [3],
        { try cond(Tensor(constant: 1, .bool), $0, then: product) { [try $0[0] + $0[1]] } }
      ),
      ([2, 3], { x in try scan({ c, y in ([try c[0] + y[0]], [c[0]]) }, [x[0]], [x[1]]).carry }),
      (
        [3],
        { x in
          try whileLoop(
            x, while: { try less(sum(square($0[0])), Tensor(constant: 100, $0[0].dtype)) },
            do: { [try 2 * $0[0] + $0[1] * $0[1], $0[1]] })
        }
      ),
    ]
    return try Dictionary(
      uniqueKeysWithValues: all.map { second, function in
        let avals = [ShapedArray(.f32, [3]), ShapedArray(.f32, second)]
        let eqns = try makeJaxpr(function)(avals).eqns
        let name = eqns.first { !$0.primitive.programs.isEmpty }?.primitive.name ?? ""
        let probes = [DType.f32, .f64].map { dtype in
          Probe(
            name: name, operands: avals.map { numbers($0.with(dtype: dtype)) }, body: function)
        }
        return (name, probes)
      })
  }

  /// ½, ¾, 1, … rounded to the dtype.
  private static func numbers(_ aval: ShapedArray) -> Buffer {
    let numbers = (0..<aval.size).map { DoubleDouble(0.5 + Double($0) / 4) }
    return Buffer(shape: aval.shape, Storage(rounding: numbers, to: aval.dtype))
  }

  private static let productJVP = customJVP(
    name: "product", { (x: [Tensor]) in [try x[0] * x[1]] },
    rule: { (x: [Tensor], dx: [Tensor]) in
      ([try x[0] * x[1]], [try dx[0] * x[1] + x[0] * dx[1]])
    })

  private static let productVJP = customVJP(
    name: "product", { x in [try x[0] * x[1]] },
    forward: { x in ([try x[0] * x[1]], x) },
    backward: { x, ct in [try ct[0] * x[1], try ct[0] * x[0]] })
}

// MARK: collectives

extension Probe {
  /// Over an axis of four examples of three numbers each, or four where a part is kept.
  private static func collectives() -> [String: [Probe]] {
    let axis = "batch"
    let all: [(String, [Int], @Sendable (Tensor) throws -> Tensor)] = [
      ("psum", [3], { try psum($0, axisName: axis) }),
      ("pmax", [3], { try pmax($0, axisName: axis) }),
      ("pmin", [3], { try pmin($0, axisName: axis) }),
      ("all_gather", [3], { try allGather($0, axisName: axis) }),
      ("reduce_scatter", [4], { try psumScatter($0, axisName: axis) }),
      (
        "ppermute", [3],
        { try ppermute($0, axisName: axis, permutation: [(0, 1), (1, 2), (2, 3), (3, 0)]) }
      ),
      ("axis_index", [3], { try axisIndex(axis) + $0.asType(.i32) }),
    ]
    return Dictionary(
      uniqueKeysWithValues: all.map { name, shape, function in
        let probes = [DType.f32, .f64].map { dtype in
          let count = 4 * shape[0]
          let numbers = (0..<count).map { DoubleDouble(Double($0 * 7 % count) / 8 - 1) }
          let x = Buffer(shape: [4] + shape, Storage(rounding: numbers, to: dtype))
          return Probe(name: name, operands: [x], body: { [try function($0[0])] }, axisName: axis)
        }
        return (name, probes)
      })
  }
}
