// Samples of the operations that run programs: away from where a branch or a count changes.

import Core

extension Catalogue {
  /// Branches, loops, calls and functions with their own derivative.
  static func controlSamples(_ dtype: DType) -> [Sample] {
    guard dtype.isInexact else { return [] }
    func operand(_ shape: [Int], _ domain: ClosedRange<Double> = -1...1) -> Operand {
      Operand(ShapedArray(dtype, shape), in: domain)
    }
    func sample(
      _ name: String, _ operands: [Operand], parameters: String = "{}",
      derivative: Sample.Derivative = .smooth
    ) -> Sample {
      Sample(name, parameters, family: "control", operands, derivative)
    }
    let (positive, negative) = (0.3...2.0, -2.0...(-0.3))
    let index = Operand(ShapedArray(.i32, []), in: -1...4)
    let branches = [
      sample("cond_sign", [operand([], positive), operand([3])]),
      sample("cond_sign", [operand([], negative), operand([2, 3])]),
      sample("switch_three", [index, operand([3])]),
      sample("vmap_cond", [operand([4], positive), operand([4, 2], positive)]),
    ]
    let loops = ["true", "false"].flatMap { reverse in
      let parameters = "{\"reverse\":\(reverse)}"
      return [
        sample(
          "scan_rnn", [operand([3, 3]), operand([3]), operand([4, 3])], parameters: parameters),
        sample(
          "scan_rnn", [operand([2, 2]), operand([2]), operand([1, 2])], parameters: parameters),
        sample("scan_horner", [operand([5]), operand([])], parameters: parameters),
        sample("associative_affine", [operand([6]), operand([6])], parameters: parameters),
        sample("associative_affine", [operand([5, 2]), operand([5, 2])], parameters: parameters),
        sample(
          "vmap_scan_rnn", [operand([2, 2]), operand([3, 2]), operand([4, 3, 2])],
          parameters: parameters),
      ]
    }
    let others = [
      sample("fori_newton", [operand([3], positive)]),
      sample("checkpoint_chain", [operand([3]), operand([3])]),
      sample("jit_nested", [operand([3]), operand([3])]),
      sample("custom_jvp_double", [operand([3])], derivative: .convention),
      sample("scan_custom", [operand([4], positive)]),
    ]
    return branches + loops + others
  }
}
