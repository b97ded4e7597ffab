// Samples of the composite functions, the networks and the transformations: what users write.
//
// Domains keep away from the kinks of each piece; the kinks themselves are goldens' business.

import Core

extension Catalogue {
  /// Composite functions and networks.
  static func programSamples(_ dtype: DType) -> [Sample] {
    activationSamples(dtype) + pairSamples(dtype) + rowSamples(dtype) + trapSamples(dtype)
      + networkSamples(dtype)
  }

  private static func activationSamples(_ dtype: DType) -> [Sample] {
    let (positive, negative, all) = (0.3...2.0, -2.0...(-0.3), -2.0...2.0)
    let domains: [(String, String, [ClosedRange<Double>])] = [
      ("relu", "{}", [positive, negative]),
      ("relu6", "{}", [positive, negative, 6.5...8]),
      ("leaky_relu", "{}", [positive, negative]),
      ("hard_tanh", "{}", [-0.8...0.8, 1.2...2, -2...(-1.2)]),
      ("elu", "{}", [positive, negative]),
      ("silu", "{}", [all]), ("softplus", "{}", [positive, negative]),
      ("gelu", "{}", [all]), ("gelu_exact", "{}", [all]),
      ("clip", #"{"hi":1.0,"lo":0.0}"#, [0.1...0.9, 1.2...2, -2...(-0.3)]),
    ]
    return domains.flatMap { name, parameters, domains in
      domains.map {
        Sample(
          name, parameters, family: "composite", [Operand(ShapedArray(dtype, [2, 3]), in: $0)],
          derivative(name, $0))
      }
    }
  }

  /// Constant pieces have derivative zero.
  private static func derivative(
    _ name: String, _ domain: ClosedRange<Double>
  ) -> Sample.Derivative {
    switch name {
    case "relu": domain.upperBound < 0 ? .zero : .smooth
    case "relu6": domain.upperBound < 0 || domain.lowerBound > 6 ? .zero : .smooth
    case "clip", "hard_tanh":
      domain.lowerBound > 1 || domain.upperBound < 0 && domain.lowerBound < -1 ? .zero : .smooth
    default: .smooth
    }
  }

  private static func pairSamples(_ dtype: DType) -> [Sample] {
    let shape = [2, 3]
    let pairs: [(String, ClosedRange<Double>, ClosedRange<Double>)] = [
      ("hypot", 0.3...1, 1.2...2), ("hypot", 1.2...2, -1...(-0.3)),
      ("xlogy", 0.3...2, 0.3...3), ("logaddexp", 0.3...2, -2...0),
    ]
    return pairs.map { name, x, y in
      Sample(
        name, family: "composite",
        [Operand(ShapedArray(dtype, shape), in: x), Operand(ShapedArray(dtype, shape), in: y)])
    }
  }

  private static func rowSamples(_ dtype: DType) -> [Sample] {
    let matrix = [Operand(ShapedArray(dtype, [3, 5]), isDistinct: true)]
    let axis = ["softmax", "logsumexp", "log_softmax"].flatMap { name in
      [0, 1].map { Sample(name, #"{"axis":\#($0)}"#, family: "composite", matrix) }
    }
    let moments = ["var", "std"].flatMap { name in
      [0, 1].map { Sample(name, #"{"axis":1,"ddof":\#($0)}"#, family: "composite", matrix) }
    }
    let norm = Sample("norm", family: "composite", [Operand(ShapedArray(dtype, [5]), in: 0.3...2)])
    return axis + moments + [norm]
  }

  private static func trapSamples(_ dtype: DType) -> [Sample] {
    let x = Operand(ShapedArray(dtype, [2, 3]), in: 0.3...2)
    return [
      Sample("where_sqrt", family: "composite", [x]),
      Sample("double_where_sqrt", family: "composite", [x]),
      Sample("stop_gradient_mul", family: "composite", [x], .convention),
      Sample(
        "int_cast_mul", family: "composite", [Operand(ShapedArray(dtype, [2, 3]), in: 1.1...1.9)]),
      Sample(
        "jacfwd_jacfwd_pow", family: "composite",
        [Operand(ShapedArray(dtype), in: 0.5...2), Operand(ShapedArray(dtype), in: 0.5...2)]),
    ]
  }

  /// The smallest network, one of about ten thousand parameters, losses, normalisations and a
  /// recurrence.
  private static func networkSamples(_ dtype: DType) -> [Sample] {
    func operands(_ shapes: [[Int]], in domain: ClosedRange<Double> = -1...1) -> [Operand] {
      shapes.map { Operand(ShapedArray(dtype, $0), in: domain) }
    }
    let rows = Operand(ShapedArray(dtype, [3, 5]), isDistinct: true)
    let targets = Operand(ShapedArray(dtype, [3, 5]), in: 0...1)
    return [
      perceptron(dtype, [4, 5, 3, 2], batch: 6), perceptron(dtype, [64, 96, 36, 8], batch: 16),
      Sample("softmax_xent", family: "program", [rows, targets]),
      Sample(
        "batchnorm", #"{"eps":1e-05}"#, family: "program",
        operands([[5, 3], [3], [3], [5, 3], [5, 3]])),
      Sample(
        "layer_norm", #"{"eps":1e-05}"#, family: "program", operands([[3, 5], [5], [5]])),
      Sample("matmul_chain", family: "program", operands([[2, 3], [3, 5], [5, 4]])),
      Sample("linear_regression", family: "program", operands([[3], [], [5, 3], [5]])),
      Sample("rnn", #"{"steps":4}"#, family: "program", operands([[3, 3], [3, 2], [4, 2]])),
    ]
  }

  /// Weights within ±√(3/fan-in), the uniform distribution of variance 1/fan-in.
  private static func perceptron(_ dtype: DType, _ widths: [Int], batch: Int) -> Sample {
    let layers = zip(widths, widths.dropFirst()).flatMap { fanIn, out in
      let bound = (3 / Double(fanIn)).squareRoot()
      return [
        Operand(ShapedArray(dtype, [out, fanIn]), in: -bound...bound),
        Operand(ShapedArray(dtype, [out]), in: -0.5...0.5),
      ]
    }
    let data = [
      Operand(ShapedArray(dtype, [batch, widths[0]])),
      Operand(ShapedArray(dtype, [batch, widths[widths.count - 1]]), in: 0...1),
    ]
    return Sample(
      "mlp", #"{"activations":["tanh","gelu"]}"#, family: "program", layers + data)
  }

  /// Every transformation of one function, and derivatives of higher order.
  static func transformSamples(_ dtype: DType) -> [Sample] {
    func vectors(_ shapes: [[Int]]) -> [Operand] {
      shapes.map { Operand(ShapedArray(dtype, $0), in: -1.5...1.5) }
    }
    let forms: [(String, [[Int]])] = [
      ("value_and_grad", [[3]]), ("grad_grad", [[3], [3]]), ("jvp_grad", [[3], [3]]),
      ("grad_jvp", [[3], [3]]), ("jvp_jvp", [[3], [3], [3]]), ("vjp_jvp", [[3], [3], []]),
      ("vmap_grad", [[5, 3]]), ("grad_vmap", [[5, 3], [5]]), ("vmap_vmap", [[2, 5, 3]]),
      ("vmap_jvp", [[5, 3], [5, 3]]), ("jvp_vmap", [[5, 3], [5, 3]]), ("hessian", [[3]]),
    ]
    let ofVectors = forms.flatMap { name, shapes in
      ["chain", "dense"].map { function in
        Sample(
          name, #"{"function":"\#(function)"}"#, family: "transform",
          vectors(function == "dense" ? shapes + [[4, 3]] : shapes))
      }
    }
    let ofScalars = [1, 2, 3].map { order in
      Sample(
        "nth_derivative", #"{"function":"sin_exp","order":\#(order)}"#, family: "transform",
        vectors([[]]))
    }
    return ofVectors + ofScalars + mappedSamples(dtype)
  }

  private static func mappedSamples(_ dtype: DType) -> [Sample] {
    let matrix = Operand(ShapedArray(dtype, [4, 3]), isDistinct: true)
    let weights = Operand(ShapedArray(dtype, [4, 3]), in: 1...2)
    let named = ["center_square", "axis_softmax", "normalise"].flatMap { function in
      let parameters = #"{"function":"\#(function)"}"#
      return [
        Sample("vmap_axis", parameters, family: "transform", [matrix]),
        Sample("grad_outside_vmap", parameters, family: "transform", [matrix, weights]),
        Sample("grad_inside_vmap", parameters, family: "transform", [matrix]),
      ]
    }
    return named + [
      Sample(
        "vmap_axes", #"{"function":"outer","in_axes":[0,1],"out_axes":2}"#, family: "transform",
        [Operand(ShapedArray(dtype, [2, 3])), Operand(ShapedArray(dtype, [5, 2]))])
    ]
  }
}
