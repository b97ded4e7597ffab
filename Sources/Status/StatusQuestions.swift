// How each column is found out: by doing it.
//
// An answer is about every probe of a row. What throws `noRule`, or throws what a rule says that
// has none for good, is a gap; any other error is a fault of ours and ends the run.

import Catalogue
import Core
import OpenBLASBackend
import Oracle

/// The questions about one row.
struct StatusQuestions {
  let probes: [Probe]

  /// In which dtypes it stages to a well-typed program.
  func typing() throws -> StatusCell {
    guard !probes.isEmpty else { return .gap }
    for probe in probes { try probe.jaxpr.check() }
    return .text(dtypes(of: probes))
  }

  /// How many equations the reference computes, all inside the enclosure of the truth.
  func value() throws -> StatusCell {
    let right = try probes.count { probe in
      let jaxpr = try probe.jaxpr.inlined
      let computed = try ReferenceBackend().compile(jaxpr).run(probe.operands)
      return try zip(enclose(jaxpr, probe.operands, model: .reference), computed).allSatisfy {
        truth, buffer in
        buffer.storage.exact.enumerated().allSatisfy { truth.admits($1, at: $0) }
      }
    }
    guard right == probes.count else {
      throw StatusError(
        description: "\(probes.count - right) results of \(probes[0].name) lie outside the truth")
    }
    return probes.isEmpty ? .gap : .text("\(right) equations")
  }

  /// Which derivative forward mode gives it.
  func jvp() throws -> StatusCell {
    let kinds = try Set(probes.map { try tangentKind($0) })
    let order: [TangentKind] = [.rule, .noRule, .zero, .noSpace]
    guard let kind = order.first(where: kinds.contains), kind != .noRule else { return .gap }
    return .text(kind.rawValue)
  }

  private enum TangentKind: String {
    case rule
    case zero = "zero by definition"
    case noSpace = "no tangent space"
    case noRule
  }

  private func tangentKind(_ probe: Probe) throws -> TangentKind {
    let outs = try probe.jaxpr.outAvals
    guard !probe.inexact.isEmpty, outs.contains(where: \.dtype.isInexact) else { return .noSpace }
    let tangents = probe.inexact.map { probe.avals[$0] }
    do {
      let program = Program(name: probe.name, function: probe.body)
      let derivative = probe.mapped(program.tangents(of: probe.inexact))
      let forward = try makeJaxpr(derivative)(probe.avals + tangents)
      return reaches(forward, from: Set(forward.invars.suffix(tangents.count))) ? .rule : .zero
    } catch TraceError.noRule {
      return .noRule
    }
  }

  /// Whether an output depends on one of `sources`.
  private func reaches(_ jaxpr: Jaxpr, from sources: Set<Var>) -> Bool {
    var reached = sources
    func isReached(_ atom: Atom) -> Bool {
      guard case .variable(let v) = atom else { return false }
      return reached.contains(v)
    }
    for eqn in jaxpr.eqns where eqn.ins.contains(where: isReached) { reached.formUnion(eqn.outs) }
    return jaxpr.outs.contains(where: isReached)
  }

  /// The operands it has a transpose in, alone and all together.
  func transpose() throws -> StatusCell {
    guard probes.contains(where: { !$0.inexact.isEmpty }) else { return .text("no tangent space") }
    var (found, isUnsupported): ([[Int]], Bool) = ([], false)
    for probe in probes where !probe.inexact.isEmpty {
      func transposes(_ linear: [Int]) throws -> Bool {
        do {
          try transpose(probe, linear)
          return true
        } catch TraceError.noRule {
          return false
        } catch TraceError.unsupported {
          isUnsupported = true
          return false
        }
      }
      let alone = try probe.inexact.filter { try transposes([$0]) }.map { [$0] }
      let hasAll = try probe.inexact.count > 1 && transposes(probe.inexact)
      let linear = hasAll ? [probe.inexact] : alone
      if linear.joined().count > found.joined().count { found = linear }
    }
    guard !found.isEmpty else { return isUnsupported ? .gap : .text("not linear") }
    let operands = found.map { $0.map { "x\($0)" }.joined(separator: " and ") }
    return .text(operands.joined(separator: " or "))
  }

  /// Transposes the operation in the operands `linear`, the others known.
  private func transpose(_ probe: Probe, _ linear: [Int]) throws {
    let transposition = probe.mapped { known in
      let transposed = try linearTranspose(
        { x in
          var all = known
          for (place, tensor) in zip(linear, x) { all[place] = tensor }
          return try probe.body(all)
        }, linear.map { known[$0].aval })
      return try transposed(evalShape(probe.body, known.map(\.aval)).map { ones($0) })
    }
    _ = try transposition(probe.operands.map { Tensor($0) })
  }

  private func ones(_ aval: ShapedArray) -> Tensor {
    let numbers = Array(repeating: DoubleDouble(1), count: aval.size)
    return Tensor(Buffer(shape: aval.shape, Storage(rounding: numbers, to: aval.dtype)))
  }

  /// Whether each operand alone, and all together, may be mapped: two equal examples give the result
  /// twice, bit for bit.
  func vmapped() throws -> StatusCell {
    let count = probes.map(\.operands.count).max() ?? 0
    guard count > 0 else { return .gap }
    for probe in probes {
      let places = probe.operands.indices
      for mapped in places.map({ [$0] }) + (places.count > 1 ? [Array(places)] : []) {
        guard try isMapped(probe, Set(mapped)) else {
          throw StatusError(description: "vmap of \(probe.name) over operands \(mapped) differs")
        }
      }
    }
    return .text(count == 1 ? "its operand" : "each operand, all")
  }

  private func isMapped(_ probe: Probe, _ mapped: Set<Int>) throws -> Bool {
    let x = probe.operands.map { Tensor($0) }
    let twice = try x.indices.map { mapped.contains($0) ? try repeated(x[$0]) : x[$0] }
    let axes = x.indices.map { mapped.contains($0) ? 0 : Int?.none }
    let results = try vmap(probe.function, inAxes: axes)(twice)
    return try zip(results, probe.function(x)).allSatisfy {
      try $0.buffer.storage.isBitwiseEqual(to: repeated($1).buffer.storage)
    }
  }

  private func repeated(_ x: Tensor) throws -> Tensor {
    try broadcastInDim(x, shape: [2] + x.shape, dims: x.shape.indices.map { $0 + 1 })
  }
}

extension StatusQuestions {
  /// How an error analysis encloses it: bit for bit, within a derived bound, or not everywhere.
  func bound() throws -> StatusCell {
    var (open, derived, total) = (0, 0, 0)
    for probe in probes {
      for enclosure in try enclose(probe.jaxpr.inlined, probe.operands, model: .openBLAS) {
        total += enclosure.center.count
        open += enclosure.center.indices.count { enclosure.isOpen($0) }
        derived += enclosure.center.indices.count { enclosure.radius($0) > 0 }
      }
    }
    guard total > 0 else { return .gap }
    return .text(open > 0 ? "derived, open \(open) of \(total)" : derived > 0 ? "derived" : "exact")
  }

  /// Which kernels of the OpenBLAS backend run it.
  func plan() throws -> StatusCell {
    var (own, others): (Set<String>, Set<String>) = ([], [])
    for probe in probes {
      for step in try OpenBLASBackend().plan(probe.jaxpr.inlined).steps {
        if step.primitive.name == probe.name {
          own.insert(step.kind.rawValue)
        } else {
          others.insert(step.kind.rawValue)
        }
      }
    }
    if !own.isEmpty { return .text(own.sorted().joined(separator: ", ")) }
    return others.isEmpty ? .gap : .text("as " + others.sorted().joined(separator: ", "))
  }

  private func dtypes(of probes: [Probe]) -> String {
    DType.allCases.filter { dtype in probes.contains { $0.touches(dtype) } }.map(\.rawValue)
      .joined(separator: " ")
  }
}

extension Probe {
  /// Whether an operand, or a result where there is none, has this dtype.
  func touches(_ dtype: DType) -> Bool {
    guard operands.isEmpty else { return operands.contains { $0.aval.dtype == dtype } }
    return (try? jaxpr.outAvals.contains { $0.dtype == dtype }) ?? false
  }
}
