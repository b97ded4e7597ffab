// What a plan costs beside the library that it calls: dot_general against cblas in one process.
//
// The two are timed in turn, so that a slow moment of the machine meets both.

import Assay
import COpenBLAS

func benchmarkDotGeneral(_ settings: Settings) throws {
  for n in [64, 256, 512] {
    try compare(n, .f32, settings) { (a: [Float], b: [Float], c: inout [Float]) in
      let n = Int32(n)
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, b, n, 0, &c, n)
    }
    try compare(n, .f64, settings) { (a: [Double], b: [Double], c: inout [Double]) in
      let n = Int32(n)
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, b, n, 0, &c, n)
    }
  }
}

private func compare<S: HardwareScalar>(
  _ n: Int, _ dtype: DType, _ settings: Settings, _ direct: ([S], [S], inout [S]) -> Void
) throws {
  let operands = [matrix(n, n, dtype), matrix(n, n, dtype)]
  let backend = OpenBLASBackend(threads: settings.threads)
  let plan = try backend.compile(makeJaxpr { [try matmul($0[0], $0[1])] }(operands.map(\.aval)))
  let arrays = operands.map { $0.storage.exact.map { S($0) } }
  var result = [S](repeating: 0, count: n * n)
  let throughPlan = { _ = try plan.run(operands) }
  let throughCBLAS = { direct(arrays[0], arrays[1], &result) }
  var ours = try Measurement(of: throughPlan)
  var theirs = Measurement(of: throughCBLAS)
  for _ in 0..<15 {
    try ours.sample(throughPlan)
    theirs.sample(throughCBLAS)
  }
  let flops = 2e-9 * Double(n * n * n)
  let name = "\(dtype)/\(n)"
  for (peer, measurement) in [("assay", ours), ("cblas", theirs)] {
    report("dot_general", name, peer: peer, settings, unit: "GFLOP/s", measurement) { flops / $0 }
  }
  report(
    "dot_general", "\(name)/speed relative to cblas", settings, unit: "ratio",
    theirs.divided(by: ours), target: n == 256 ? ">= 0.9" : nil
  ) { $0 }
}
