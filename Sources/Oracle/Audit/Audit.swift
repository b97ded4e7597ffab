// The audit of a sample on two backends: each equation's own error, and the drift of the whole.
//
// What runs is the program's value and its gradient (for a program that is no scalar, the pullback
// of a drawn cotangent), as one jaxpr, on both backends and in the truth.

public import Catalogue
public import Core

/// A backend and the rounding errors that it is allowed.
public struct AuditedBackend: Sendable {
  /// What runs.
  public let backend: any Backend
  /// What it may err by.
  public let model: ErrorModel

  /// `backend`, judged by `model`.
  public init(_ backend: any Backend, model: ErrorModel) {
    self.backend = backend
    self.model = model
  }
}

/// The findings of one sample: `local error` for each backend, `drift` between the two.
public func audit(
  _ sample: Sample, a: AuditedBackend, b: AuditedBackend, seed: UInt64
) throws -> [Finding] {
  let run = try AuditRun(sample, seed: seed)
  return try [a, b].map { try run.localErrors(on: $0) } + run.drift(a, b)
}

/// The jaxpr of value and derivative of a sample, at drawn operands.
struct AuditRun {
  let sample: Sample
  let jaxpr: Jaxpr
  let inputs: [Buffer]
  /// How many of the outputs are values; the rest are derivatives.
  let valueCount: Int

  init(_ sample: Sample, seed: UInt64) throws {
    self.sample = sample
    let operands = sample.inputs(seed: seed)
    let function = sample.program.function
    let program = try makeJaxpr(function)(operands.map(\.aval)).inlined
    valueCount = program.outs.count
    guard sample.isDifferentiable else {
      (jaxpr, inputs) = (program, operands)
      return
    }
    let cotangents = try Self.cotangents(sample, program.outAvals, seed: seed)
    inputs = operands + cotangents
    let split = OperandSplit(operands.map(\.aval))
    jaxpr = try makeJaxpr { (all: [Tensor]) in
      let (x, ct) = (Array(all[..<operands.count]), Array(all[operands.count...]))
      let (outs, pullback) = try vjp(
        { try function(split.merged(x, $0)) }, split.differentiable(x))
      return try outs + pullback(ct)
    }(inputs.map(\.aval)).inlined
  }

  /// 1 for a scalar, so that the pullback is the gradient; else drawn.
  private static func cotangents(
    _ sample: Sample, _ avals: [ShapedArray], seed: UInt64
  ) throws -> [Buffer] {
    try avals.filter(\.dtype.isInexact).enumerated().map { index, aval in
      aval.rank == 0 ? try Tensor(1, aval.dtype).buffer : sample.direction(aval, seed: seed, index)
    }
  }

  func localErrors(on audited: AuditedBackend) throws -> Finding {
    let equations = try auditEquations(
      jaxpr, inputs, on: audited.backend, model: audited.model)
    let first = equations.first { $0.violation != nil }
    let worst = equations.max { share($0) < share($1) }
    let shown = first ?? worst
    return Finding(
      subject: sample.label, family: sample.family, check: "local error \(audited.model.name)",
      verdict: first == nil ? .pass : .fail, observed: shown?.error ?? 0,
      allowed: shown?.allowed ?? 0, unit: "ulp",
      detects: equations.map(\.detects).filter { $0.isFinite }.max(),
      compared: equations.reduce(0) { $0 + $1.compared },
      detail: first.map(describe) ?? shown.map { "worst: eq \($0.index) \($0.name)" } ?? "")
  }

  private func share(_ equation: EquationAudit) -> Double {
    equation.error == 0 ? 0 : equation.error / equation.allowed
  }

  private func describe(_ equation: EquationAudit) -> String {
    guard let violation = equation.violation else { return "" }
    return "first diverging equation: \(equation.index) \(equation.name) at \(violation.index): "
      + "\(violation.computed), truth \(violation.truth)"
  }

  /// ‖a − b‖∞ / ‖truth‖∞ over the values and over the derivatives, beside what both models allow
  /// from the first equation to the last.
  func drift(_ a: AuditedBackend, _ b: AuditedBackend) throws -> [Finding] {
    let (left, right) = try (outputs(a), outputs(b))
    let (allowedA, allowedB) = try (
      enclose(jaxpr, inputs, model: a.model), enclose(jaxpr, inputs, model: b.model)
    )
    return [("value", 0..<valueCount), ("gradient", valueCount..<jaxpr.outs.count)]
      .filter { !$0.1.isEmpty }
      .map { what, range in
        var worst = Drift()
        for output in range {
          worst.add(left[output], right[output], allowedA[output], allowedB[output])
        }
        return worst.finding(sample, check: "drift of \(what)")
      }
  }

  private func outputs(_ audited: AuditedBackend) throws -> [[DoubleDouble]] {
    try audited.backend.compile(jaxpr).run(inputs).map(\.storage.exact)
  }
}

/// The largest difference met so far.
private struct Drift {
  var difference = 0.0
  var allowed = 0.0
  var scale = 0.0
  var compared = 0
  var isWithin = true

  mutating func add(_ x: [DoubleDouble], _ y: [DoubleDouble], _ a: Enclosure, _ b: Enclosure) {
    for i in x.indices where !a.isOpen(i) && !b.isOpen(i) && a.center[i].isFinite {
      let apart = x[i] == y[i] ? 0 : abs(Double(x[i] - y[i]))
      compared += 1
      scale = max(scale, abs(Double(a.center[i])))
      allowed = max(allowed, a.radius(i) + b.radius(i))
      difference = max(difference, apart)
      isWithin = isWithin && a.admits(x[i], at: i) && b.admits(y[i], at: i)
    }
  }

  func finding(_ sample: Sample, check: String) -> Finding {
    let unit = scale == 0 ? 1 : scale
    return Finding(
      subject: sample.label, family: sample.family, check: check,
      verdict: isWithin ? .pass : .fail, observed: difference / unit, allowed: allowed / unit,
      unit: "relative", compared: compared)
  }
}
