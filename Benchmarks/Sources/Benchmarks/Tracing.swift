// What each pass costs per equation, and a loop per step: ten times as many must not cost more for each.
//
// A chain of sines is the program; what a pass makes of it may have more equations, and the time is told
// per equation of the chain. `python Benchmarks/plot.py` draws the lines as docs/linear.svg.

import Assay

func benchmarkTracing(_ settings: Settings) throws {
  for length in [1_000, 10_000, 100_000] {
    let passes = Passes(length: length, settings: settings)
    try passes.measureTracing()
    try passes.measurePrograms()
    try passes.measureScans()
  }
}

/// The passes over a chain of one length.
private struct Passes {
  let length: Int
  let settings: Settings
  let x = Tensor(0.5)

  private func chain(_ xs: [Tensor]) throws -> [Tensor] {
    var x = xs[0]
    for _ in 0..<length { x = try sin(x) }
    return [x]
  }

  /// Passes over the function.
  func measureTracing() throws {
    let avals = [x.aval]
    try perEquation("makeJaxpr") { _ = try makeJaxpr(chain)(avals) }
    try perEquation("jvp, staged") {
      _ = try makeJaxpr { try jvp(chain, $0, $0).tangents }(avals)
    }
    try perEquation("grad, staged") {
      _ = try makeJaxpr { try grad { try chain($0)[0] }($0) }(avals)
    }
    try perEquation("vmap, staged") {
      _ = try makeJaxpr(vmap(chain))([avals[0].with(shape: [4])])
    }
    try perEquation("jvp") { _ = try jvp(chain, [x], [x]) }
    try perEquation("linearize") { _ = try linearize(chain, [x]) }
    let pullback = try vjp(chain, [x]).pullback
    try perEquation("backward pass") { _ = try pullback([x]) }
  }

  /// Passes over the staged program.
  func measurePrograms() throws {
    let jaxpr = try makeJaxpr(chain)([x.aval])
    try perEquation("check") { try jaxpr.check() }
    let call = jit { try evalJaxpr(jaxpr, $0) }
    let nested = try makeJaxpr { try call($0) }([x.aval])
    try perEquation("inlined") { _ = nested.inlined }
    let backend = OpenBLASBackend(threads: settings.threads)
    try perEquation("compile") { _ = try backend.compile(jaxpr) }
    let inputs = [try x.buffer]
    let plan = try backend.compile(jaxpr)
    try perEquation("run, OpenBLAS") { _ = try plan.run(inputs) }
    let reference = try ReferenceBackend().compile(jaxpr)
    try perEquation("run, reference") { _ = try reference.run(inputs) }
  }

  /// A loop of `length` steps, and its gradient, run.
  func measureScans() throws {
    let loop = { [length] (xs: [Tensor]) in
      try scan({ c, _ in (carry: [try sin(c[0])], y: []) }, xs, length: length).carry
    }
    let backend = OpenBLASBackend(threads: settings.threads)
    let inputs = [try x.buffer]
    let value = try backend.compile(makeJaxpr(loop)([x.aval]))
    try perEquation("scan, OpenBLAS") { _ = try value.run(inputs) }
    let gradient = try backend.compile(
      makeJaxpr { try [grad { try loop([$0])[0] }($0[0])] }([x.aval]))
    try perEquation("grad of scan, OpenBLAS") { _ = try gradient.run(inputs) }
  }

  /// Reports the time of `body` per equation of the chain.
  private func perEquation(_ name: String, _ body: () throws -> Void) throws {
    let measurement = try Measurement.repeated(5, body)
    report(
      "tracing", "\(name)/chain of \(length)", settings, unit: "ns/equation", measurement
    ) { $0 * 1e9 / Double(length) }
  }
}
