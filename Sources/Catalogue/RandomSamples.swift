// Samples of the programs of random.h5: small shapes, every parameter that changes the operations.

import Core

extension Catalogue {
  /// Under u32, the dtype of keys; nothing here has a derivative.
  static func randomSamples(_ dtype: DType) -> [Sample] {
    dtype == .u32 ? keySamples + continuousSamples + wholeNumberSamples + selectionSamples : []
  }

  private static let key = Operand(ShapedArray(.u32, [2]), in: 0...4_294_967_295)

  private static func sample(
    _ name: String, _ parameters: String, _ others: [Operand] = []
  ) -> Sample {
    Sample("random_\(name)", parameters, family: "random", [key] + others, .none)
  }

  private static var keySamples: [Sample] {
    let word = Operand(ShapedArray(.u32), in: 0...4_294_967_295)
    return [
      Sample("random_key", #"{"seed":-3,"x64":true}"#, family: "random", [], .none),
      sample("split", #"{"shape":[3]}"#), sample("fold_in", "{}", [word]),
      sample("bits", #"{"shape":[2,3]}"#), sample("bits64", #"{"shape":[3]}"#),
    ]
  }

  private static var continuousSamples: [Sample] {
    ["f32", "f64"].flatMap { dtype in
      let aval = ShapedArray(dtype == "f32" ? .f32 : .f64, [3])
      let plain = ["normal", "exponential", "gumbel", "laplace", "logistic", "cauchy", "maxwell"]
        .map { sample($0, #"{"dtype":"\#(dtype)","shape":[2,3]}"#) }
      let scaled = ["rayleigh", "lognormal", "pareto"].map {
        sample($0, #"{"dtype":"\#(dtype)","scale":1.7,"shape":[5]}"#)
      }
      let uniform = ["fused", "separate"].map {
        sample(
          "uniform",
          #"{"dtype":"\#(dtype)","from":-0.3,"rounding":"\#($0)","shape":[2,3],"to":0.8}"#)
      }
      return plain + scaled + uniform + [
        sample(
          "uniform_between", #"{"shape":[2,3]}"#,
          [Operand(aval, in: -2...0), Operand(aval, in: 1...3)]),
        sample(
          "truncated_normal", #"{"dtype":"\#(dtype)","from":-1.5,"shape":[5],"to":0.5}"#),
        sample(
          "weibull_min", #"{"concentration":1.5,"dtype":"\#(dtype)","scale":2,"shape":[5]}"#),
      ]
    }
  }

  /// Without 64-bit words: what is computed in f64 the error analysis takes for rounded, so that it
  /// knows nothing of the remainder. Goldens and laws know.
  private static var wholeNumberSamples: [Sample] {
    let drawn = ["f32", "f64"].flatMap { drawing in
      [
        sample("bernoulli", #"{"drawing":"\#(drawing)","p":0.3,"shape":[7]}"#),
        sample("rademacher", #"{"drawing":"\#(drawing)","dtype":"f32","shape":[7]}"#),
        sample("geometric", #"{"drawing":"\#(drawing)","p":0.2,"shape":[7]}"#),
      ]
    }
    return drawn + [
      sample("randint", #"{"dtype":"i32","from":-5,"shape":[7],"to":1000000,"x64":false}"#),
      sample(
        "randint_between", #"{"shape":[2,3],"x64":false}"#,
        [
          Operand(ShapedArray(.i32, [3]), in: -9...0),
          Operand(ShapedArray(.i32, [2, 3]), in: -3...9),
        ]),
      sample(
        "bernoulli_of", #"{"shape":[2,3]}"#, [Operand(ShapedArray(.f32, [3]), in: 0...1)]),
    ]
  }

  private static var selectionSamples: [Sample] {
    let x = Operand(ShapedArray(.f32, [4, 3]))
    let p = Operand(ShapedArray(.f32, [4]), in: 0.5...1)
    return [
      sample("permutation", #"{"count":7}"#),
      sample("permutation_of", #"{"axis":0,"independent":false}"#, [x]),
      sample("permutation_of", #"{"axis":-1,"independent":true}"#, [x]),
      sample("choice", #"{"count":5,"replace":true,"shape":[2,3],"x64":false}"#),
      sample("choice", #"{"count":4,"replace":false,"shape":[3],"x64":false}"#, [p]),
      sample("choice_of", #"{"axis":0,"replace":true,"shape":[5],"x64":true}"#, [x, p]),
      sample("choice_of", #"{"axis":0,"replace":false,"shape":[2],"x64":false}"#, [x]),
      sample("categorical", #"{"axis":0,"replace":true,"shape":null}"#, [x]),
      sample("categorical", #"{"axis":-1,"replace":false,"shape":[2,4]}"#, [x]),
    ]
  }
}
