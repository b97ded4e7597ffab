// How many cases of the fixtures say something of a primitive: its own, or those of programs that use it.
//
// Which primitives a program uses is read off the jaxprs of its samples, value and derivatives, with
// the programs inside; of collectives, which vmap resolves, off the function that is mapped.

import Catalogue
import Core
import Oracle

/// The cases of the fixtures, counted.
struct StatusGoldens {
  private struct Count {
    var own = 0
    var byUse = 0
  }

  private var counts: [String: [String: Count]] = [:]
  private var pins: [String: Count] = [:]

  init(fixtures paths: [String]) throws {
    let uses = try Self.uses()
    let collectives = try Catalogue.collectiveUses()
    for path in paths {
      let file = try GoldenFile(path)
      for golden in file.cases {
        var names = uses[golden.program] ?? []
        if let function = golden.parameters.firstMatch(of: /"function":"([a-z_]+)"/)?.1 {
          names.formUnion(collectives[String(function)] ?? [])
        }
        names.insert(golden.program)
        add(golden, names, isPin: file.family == "conventions" || golden.points != "random")
      }
    }
  }

  private mutating func add(_ golden: GoldenCase, _ names: Set<String>, isPin: Bool) {
    for name in names {
      let isOwn = name == golden.program
      for label in golden.labels {
        counts[name, default: [:]][label, default: Count()].own += isOwn ? 1 : 0
        counts[name, default: [:]][label, default: Count()].byUse += isOwn ? 0 : 1
      }
      guard isPin else { continue }
      pins[name, default: Count()].own += isOwn ? 1 : 0
      pins[name, default: Count()].byUse += isOwn ? 0 : 1
    }
  }

  /// The cell of the cases of `name` with the label `dtype`.
  func cases(_ name: String, _ dtype: DType, isTaken: Bool) -> StatusCell {
    let count = counts[name]?[dtype.rawValue] ?? Count()
    if count.own > 0 { return .text("\(count.own)") }
    let others = DType.allCases.compactMap { other in
      (counts[name]?[other.rawValue]?.own).flatMap { $0 > 0 ? "\(other.rawValue): \($0)" : nil }
    }
    if !isTaken, !others.isEmpty { return .text(others.joined(separator: ", ")) }
    return count.byUse > 0 ? .text("by use: \(count.byUse)") : .gap
  }

  /// The cell of the cases at kinks, poles, ends of ranges and special numbers.
  func kinks(_ name: String) -> StatusCell {
    let count = pins[name] ?? Count()
    if count.own > 0 { return .text("\(count.own)") }
    return count.byUse > 0 ? .text("by use: \(count.byUse)") : .gap
  }

  /// By the name of a program, the primitives that it or its derivatives apply.
  private static func uses() throws -> [String: Set<String>] {
    var uses: [String: Set<String>] = [:]
    for sample in [DType.f32, .i32, .u32, .bool].flatMap({ Catalogue.samples($0) }) {
      let name = sample.program.name
      guard uses[name, default: []].isEmpty else { continue }
      let avals = sample.operands.map(\.aval)
      let value = try makeJaxpr(sample.program.function)(avals)
      var found = primitives(of: value)
      let inexact = avals.indices.filter { avals[$0].dtype.isInexact }
      let cotangents = value.outAvals.filter(\.dtype.isInexact)
      if sample.derivative != .none, !inexact.isEmpty, !cotangents.isEmpty {
        let forward = try makeJaxpr(sample.program.tangents(of: inexact))(
          avals + inexact.map { avals[$0] })
        let pullback = sample.program.cotangents(of: inexact, results: cotangents.count)
        let reverse = try makeJaxpr(pullback)(avals + cotangents)
        found.formUnion(primitives(of: forward).union(primitives(of: reverse)))
      }
      uses[name] = found
    }
    return uses
  }

  private static func primitives(of jaxpr: Jaxpr) -> Set<String> {
    var found: Set<String> = []
    for eqn in jaxpr.eqns {
      found.insert(eqn.primitive.name)
      for program in eqn.primitive.programs { found.formUnion(primitives(of: program.jaxpr)) }
    }
    return found
  }
}
