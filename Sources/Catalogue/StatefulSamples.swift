// Samples of the programs of batchnorm.h5 and stateful.h5: small shapes, every parameter that changes
// the operations. Variances are positive, so that roots have a derivative.

import Core

extension Catalogue {
  static func statefulSamples(_ dtype: DType) -> [Sample] {
    batchNormSamples(dtype) + layerSamples(dtype)
  }

  private static func batchNormSamples(_ dtype: DType) -> [Sample] {
    func operand(_ shape: [Int], _ domain: ClosedRange<Double> = -2...2) -> Operand {
      Operand(ShapedArray(dtype, shape), in: domain)
    }
    func parameters(_ mode: String, _ convention: String, _ axes: String) -> String {
      #"{"axis_names":[\#(axes)],"convention":"\#(convention)","eps":1e-05,"inference":true,"#
        + #""mode":"\#(mode)","momentum":0.9}"#
    }
    let count = Operand(ShapedArray(.i32), in: 1...5)
    let first = Operand(ShapedArray(.bool), in: 0...1)
    let held = [operand([2]), operand([2], 0.5...2)]
    let affine = [operand([2]), operand([2])]
    return [
      Sample(
        "batch_norm", parameters("batch", "consistent", #""batch""#), family: "batch_norm",
        [operand([2, 3, 2])] + held + [count, operand([3, 2])] + affine),
      Sample(
        "batch_norm", parameters("batch", "equinox", #""device","batch""#), family: "batch_norm",
        [operand([1, 2, 2, 2, 3])] + held + [count, operand([1, 2, 3])] + affine),
      Sample(
        "batch_norm", parameters("ema", "consistent", #""batch""#), family: "batch_norm",
        [operand([2, 3, 2])] + held + [first, operand([3, 2])]),
    ]
  }

  private static func layerSamples(_ dtype: DType) -> [Sample] {
    func operand(_ shape: [Int], _ domain: ClosedRange<Double> = -2...2) -> Operand {
      Operand(ShapedArray(dtype, shape), in: domain)
    }
    let key = Operand(ShapedArray(.u32, [2]), in: 0...4_294_967_295)
    return [
      Sample(
        "dropout", #"{"at_one":"zero","p":0.4,"x64":false}"#, family: "dropout",
        [key, operand([3, 4])]),
      Sample(
        "spectral_norm", #"{"eps":1e-12,"num_power_iterations":1}"#, family: "spectral_norm",
        [
          operand([3, 2], 0.5...2), operand([3]), operand([3], 0.1...1), operand([2], 0.1...1),
          operand([2, 2]),
        ], .convention),
      Sample(
        "sequential", #"{"momentum":0.9,"p":0.4,"x64":false}"#, family: "sequential",
        [
          key, operand([3, 2]), operand([4, 2]), operand([4]), operand([4]), operand([4]),
          operand([2, 4]), operand([2]),
        ]),
    ]
  }
}
