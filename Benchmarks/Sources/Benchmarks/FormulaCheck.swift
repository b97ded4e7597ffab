// What a formula check costs, staging and compilation included: the derivative backwards of a
// perceptron along one direction, and every primitive's derivative forwards and backwards.
//
// The networks are those of the peers' gradient checks: three layers with tanh, mean squared error,
// batch 8, in f64. A check that finds a fault ends the run: the time of a wrong answer means nothing.

import Assay
import Catalogue

func benchmarkFormulaCheck(_ settings: Settings) throws {
  try benchmarkPerceptron([8, 28, 28, 1], settings, target: nil)
  try benchmarkPerceptron([16, 92, 92, 1], settings, target: "<= 50")
  try benchmarkPrimitives(settings)
}

private func benchmarkPerceptron(
  _ widths: [Int], _ settings: Settings, target: String?
) throws {
  let layers = zip(widths, widths.dropFirst())
  let parameters = layers.flatMap { [matrix($1, $0, .f64), vector($1, .f64)] }.map { Tensor($0) }
  let (x, y) = (Tensor(matrix(8, widths[0], .f64)), Tensor(matrix(8, widths[3], .f64)))
  let loss: ([Tensor]) throws -> Tensor = { p in
    var h = x
    for layer in 0..<3 {
      h = try matmul(h, transpose(p[2 * layer])) + p[2 * layer + 1]
      if layer < 2 { h = try tanh(h) }
    }
    return try mean(square(h - y))
  }
  let measurement = try Measurement.repeated(9) {
    try requirePassed(try checkVJP({ [try loss($0)] }, at: parameters, seed: 1).findings)
  }
  let count = parameters.reduce(0) { $0 + $1.aval.size }
  report(
    "formula_check", "one_direction/mlp of \(count) parameters", settings, unit: "ms",
    measurement, target: target
  ) { $0 * 1e3 }
}

private func benchmarkPrimitives(_ settings: Settings) throws {
  let larger: Set = ["composite", "program", "transform"]
  let samples = [DType.f32, .f64].flatMap { dtype in
    Catalogue.samples(dtype).filter { !larger.contains($0.family) }
  }
  let measurement = try Measurement.repeated(3) {
    for sample in samples { try requirePassed(Checks.formula(for: sample, seed: 1)) }
  }
  report(
    "formula_check", "every primitive, \(samples.count) samples", settings, unit: "s",
    measurement, target: "<= 5"
  ) { $0 }
}

/// A fault that a benchmark came upon.
private struct FaultFound: Error, CustomStringConvertible {
  let description: String
}

private func requirePassed(_ findings: [Finding]) throws {
  for finding in findings where finding.verdict == .fail {
    throw FaultFound(description: "\(finding)")
  }
}
