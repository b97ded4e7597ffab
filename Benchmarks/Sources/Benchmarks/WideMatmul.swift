// The truth's own speed: a matrix product of double-doubles through the generic interpreter.

import Assay

func benchmarkWideMatmul(_ settings: Settings) throws {
  for n in [128, 256] {
    let x = matrix(n, n, .f64)
    let y = matrix(n, n, .f64)
    let (a, b) = (ReferenceValue<DoubleDouble>(x), ReferenceValue<DoubleDouble>(y))
    let measurement = try Measurement.repeated(7) {
      _ = try ReferenceInterpreter<DoubleDouble>.evaluate(matrixProduct, [a, b])
    }
    let multiplyAdds = Double(n * n * n)
    report(
      "double_double", "matmul/\(n)", settings, unit: "ns/multiply-add", measurement,
      target: "<= 10"
    ) { $0 * 1e9 / multiplyAdds }
  }
}
