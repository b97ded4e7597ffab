// Golden: the train step that we trace has the equations of JAX's.
//
// trainsteps.json lists JAX's equations with called programs (jit, custom_jvp_call) written out, as ours
// are. Both sides are compared as multisets of (primitive, type of the result), after these rules:
//   live      equations that no result needs are removed.
//   moved     broadcast_in_dim, reshape, squeeze, transpose, copy and slices that take an element are left out,
//             and so are the order of axes and extents of 1: where a scalar meets an array, or an axis is
//             put back, is spelled differently, and computes nothing.
//   same      convert_element_type to the type that it has already (a weak type in JAX) is left out.
//   drawn     what gives keys and random words is left out: JAX has random_split and random_bits, ours
//             are the equations of Threefry. What makes numbers of the words is compared.
//   idle      sums over extents of 1 move nothing together; x + 0, x / 1 and x¹ are x. equations of constants
//             alone are left out (in JAX's table they are folded).
//   named     psum over the mapped axis is a reduce_sum once vmap is done; add_any is add.
// What remains is listed in `differences`, each with its reason; anything else fails.

import Core
import Foundation
import TestSupport
import Testing
import Trajectories

/// One equation of either side.
private struct Step {
  let name: String
  let reads: [Int?]
  let binds: [Int]
  let types: [String]
  let operandTypes: [String]
  /// Whether the result is the first operand.
  var isIdle = false
}

/// A program as numbered values.
private struct Listing {
  var steps: [Step]
  var outs: [Int?]

  /// Ours.
  init(_ jaxpr: Jaxpr) {
    var numbers: [Var: Int] = [:]
    func number(_ v: Var) -> Int {
      numbers[v]
        ?? {
          numbers[v] = numbers.count
          return numbers.count - 1
        }()
    }
    func read(_ atom: Atom) -> Int? {
      if case .variable(let v) = atom { number(v) } else { nil }
    }
    steps = jaxpr.eqns.map { eqn in
      Step(
        name: eqn.primitive.name, reads: eqn.ins.map(read), binds: eqn.outs.map(number),
        types: eqn.outs.map { "\($0.aval)" }, operandTypes: eqn.ins.map { "\($0.aval)" },
        isIdle: eqn.isIdle)
    }
    outs = jaxpr.outs.map(read)
  }

  /// JAX's, from the table.
  init(json: [String: Any]) throws {
    let rows = try #require(json["equations"] as? [[Any]])
    steps = try rows.map { row in
      Step(
        name: try #require(row[0] as? String),
        reads: try #require(row[1] as? [Any]).map { $0 as? Int },
        binds: try #require(row[2] as? [Int]), types: try #require(row[3] as? [String]),
        operandTypes: try #require(row[4] as? [String]))
    }
    outs = try #require(json["outs"] as? [Any]).map { $0 as? Int }
  }

  /// How often each equation that counts occurs.
  var census: [String: Int] {
    var needed = Set(outs.compactMap { $0 })
    var live: [Step] = []
    for step in steps.reversed() where step.binds.contains(where: needed.contains) {
      live.append(step)
      needed.formUnion(step.reads.compactMap { $0 })
    }
    return Dictionary(live.compactMap(\.counted).map { ($0, 1) }, uniquingKeysWith: +)
  }
}

extension Eqn {
  /// Of constants alone, or x + 0, x / 1, x¹.
  fileprivate var isIdle: Bool {
    let isConstant = ins.allSatisfy { if case .literal = $0 { true } else { false } }
    if !ins.isEmpty && isConstant { return true }
    if case .integerPow(1) = primitive { return true }
    guard case .binary(let op) = primitive, op == .add || op == .div else { return false }
    let idle: DoubleDouble = op == .add ? 0 : 1
    let constants = op == .add ? ins[...] : ins[1...]
    return constants.contains { if case .literal(let l) = $0 { l.value == idle } else { false } }
  }
}

extension Step {
  private static let moved: Set = [
    "broadcast_in_dim", "reshape", "squeeze", "transpose", "copy", "slice", "stop_gradient",
  ]
  private static let named = ["psum": "reduce_sum", "add_any": "add"]

  /// The dtype, and the extents that are not 1 in ascending order.
  private static func plain(_ type: String) -> String {
    let extents = type.drop { $0 != "[" }.dropFirst().dropLast().split(separator: ",")
      .compactMap { Int($0) }.filter { $0 != 1 }.sorted()
    return "\(type.prefix { $0 != "[" })\(extents)"
  }

  /// `primitive type`, nil for an equation that the rules leave out.
  var counted: String? {
    let result = Self.plain(types[0])
    let operand = operandTypes.first.map(Self.plain)
    let isDrawn = ["u32", "key"].contains { types[0].hasPrefix($0) }
    let isSame = name == "convert_element_type" && operand == result
    let name = Self.named[name] ?? name
    let isIdle = isIdle || name == "reduce_sum" && operand == result
    return Self.moved.contains(name) || isDrawn || isSame || isIdle ? nil : "\(name) \(result)"
  }
}

/// How many more equations JAX has, by name.
private func differences(_ p: TrainingParameters) -> [String: Int] {
  let (batch, width) = (p.batch, p.width)
  let channels = "f32[\(width)]"
  let activations = "f32\([batch, width].sorted())"
  // Adam's bᵗ, twice: JAX's pow takes a whole exponent, ours one of the base's dtype.
  var found = ["convert_element_type f32[]": -2]
  guard p.model == .batchnorm else { return found }
  for (name, more) in [
    // Equinox's variance is the mean of (x − m)·conj(x − m), each factor a difference of its own: two
    // products backwards and two sums for m. Ours is the mean of a square.
    ("sub \(activations)", 1), ("square \(activations)", -1), ("mul \(activations)", 1),
    ("add \(activations)", 1), ("reduce_sum \(channels)", 1), ("add \(channels)", 1),
    // The derivative of a quotient by √(v + ε): JAX has y⁻² and the negation on the unmapped
    // `[width]`, ours on `[batch, width]`.
    ("integer_pow \(activations)", -1), ("integer_pow \(channels)", 1), ("neg \(channels)", 1),
    // Uniform numbers in [0, 1): JAX multiplies by 1 − 0 and takes the maximum with 0.
    ("mul \(activations)", 1), ("max \(activations)", 1),
  ] {
    found[name, default: 0] += more * p.depth
  }
  return found
}

private func listings() throws -> [String: Any] {
  let data = try Data(contentsOf: URL(fileURLWithPath: fixturePath("trainsteps.json")))
  return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
}

private let names = (try? listings().keys.sorted()) ?? []

@Suite struct TrainStepTests {
  @Test(arguments: names)
  func `JX-05 the train step has the equations of JAX's`(name: String) throws {
    let table = try #require(try listings()[name] as? [String: Any])
    let params = try JSONSerialization.data(withJSONObject: try #require(table["params"]))
    let parameters = try TrainingParameters(json: String(decoding: params, as: UTF8.self))
    let theirs = try Listing(json: table).census
    let ours = try Listing(TrainingProgram(name, parameters).trainStep.inlined).census
    #expect(theirs.count > 20)
    let known = differences(parameters)
    let keys = Set(theirs.keys).union(ours.keys).sorted()
    let wrong = keys.filter {
      theirs[$0, default: 0] != ours[$0, default: 0] + known[$0, default: 0]
    }
    let text = wrong.map { "\($0): \(theirs[$0, default: 0]) in JAX, \(ours[$0, default: 0]) here" }
    #expect(wrong.isEmpty, "\(text.joined(separator: "\n"))")
  }

  @Test func `there is a listing of each run`() throws {
    let runs = try GoldenTrajectory.all(in: fixturePath("trajectory.h5"))
    #expect(Set(names) == Set(runs.map(\.name)))
  }
}
