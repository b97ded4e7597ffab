// What tracing costs per equation; ten times the equations must not cost more for each.

import Assay

func benchmarkTracing(_ settings: Settings) throws {
  for length in [1_000, 10_000] {
    let chain: ([Tensor]) throws -> Tensor = { xs in
      var x = xs[0]
      for _ in 0..<length { x = try sin(x) }
      return x
    }
    let scalar = [Tensor(0.5)]
    let batch = [try zeros([4])]
    try perEquation("makeJaxpr", length, settings) {
      try makeJaxpr { [try chain($0)] }(scalar.map(\.aval))
    }
    try perEquation("makeJaxpr of grad", length, settings) {
      try makeJaxpr { try grad(chain)($0) }(scalar.map(\.aval))
    }
    try perEquation("makeJaxpr of vmap", length, settings) {
      try makeJaxpr { try vmap { [try chain($0)] }($0) }(batch.map(\.aval))
    }
    let jaxpr = try makeJaxpr { [try chain($0)] }(scalar.map(\.aval))
    let backend = OpenBLASBackend(threads: settings.threads)
    try perEquation("compile", length, settings) {
      _ = try backend.compile(jaxpr)
      return jaxpr
    }
    let plan = try backend.compile(jaxpr)
    let inputs = try scalar.map { try $0.buffer }
    try perEquation("run", length, settings) {
      _ = try plan.run(inputs)
      return jaxpr
    }
  }
}

/// Reports the time of `body` per equation of the program that it returns.
private func perEquation(
  _ name: String, _ length: Int, _ settings: Settings, _ body: () throws -> Jaxpr
) throws {
  let equations = Double(try body().eqns.count)
  let measurement = try Measurement.repeated(5) { _ = try body() }
  report(
    "tracing", "\(name)/chain of \(length)", settings, unit: "ns/equation", measurement
  ) { $0 * 1e9 / equations }
}
