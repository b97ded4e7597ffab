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
    func whole(_ shape: [Int]) -> Operand { Operand(ShapedArray(.i32, shape), in: 1...4) }
    func nest(
      _ function: String, _ nest: [String], _ inAxes: String, reverse: String = "false"
    ) -> String {
      "{\"function\":\"\(function)\",\"in_axes\":\(inAxes),\"nest\":\(nest),"
        + "\"reverse\":\(reverse)}"
    }
    let index = Operand(ShapedArray(.i32, []), in: -1...4)
    let truth = Operand(ShapedArray(.bool), in: 0...1)
    let branches = [
      sample("cond_sign", [operand([], positive), operand([3])]),
      sample("cond_sign", [operand([], negative), operand([2, 3])]),
      sample("cond_closure", [truth, operand([3]), operand([3])]),
      sample("cond_mixed", [truth, operand([3]), whole([])]),
      sample("cond_nested", [truth, truth, operand([3])]),
      sample("cond_scan", [truth, operand([]), operand([3])], parameters: "{\"reverse\":false}"),
      sample("where_trap", [operand([], positive)]),
      sample("switch_three", [index, operand([3])]),
      sample(
        "control", [operand([4], positive), operand([4, 2], positive)],
        parameters: nest("cond_sign", ["vmap"], "[0,0]")),
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
          "control", [operand([2, 2]), operand([3, 2]), operand([4, 3, 2])],
          parameters: nest("scan_rnn", ["vmap"], "[null,0,1]", reverse: reverse)),
        sample("associative_last", [operand([2, 3])], parameters: parameters),
        sample("checkpoint_scan", [operand([4]), operand([])], parameters: parameters),
        sample("scan_alone", [operand([2])], parameters: parameters),
        sample("scan_cond", [operand([3], positive), operand([])], parameters: parameters),
        sample("scan_mixed", [operand([4], 0.6...2), whole([4])], parameters: parameters),
        sample("scan_nested", [operand([3, 2]), operand([])], parameters: parameters),
        sample("scan_outer", [operand([4]), operand([])], parameters: parameters),
        sample("scan_custom", [operand([4], positive)], parameters: parameters),
        sample(
          "scan_custom_vjp", [operand([3]), operand([])], parameters: parameters,
          derivative: .none),
        sample("scan_while", [operand([3])], parameters: parameters, derivative: .none),
        sample(
          "control", [operand([3, 2]), operand([]), operand([]), operand([3])],
          parameters: nest("scan_nested", ["vjp"], "[]", reverse: reverse)),
      ]
    }
    let others = [
      sample("fori_newton", [operand([3], positive)]),
      sample("checkpoint_chain", [operand([3]), operand([3])]),
      sample("jit_nested", [operand([3]), operand([3])]),
      sample("jit_closure", [operand([3]), operand([3])]),
      sample("fori_dot", [operand([6]), operand([])]),
      sample("custom_jvp_double", [operand([3])], derivative: .convention),
      sample("custom_jvp_pair", [operand([3]), whole([3]), operand([3])], derivative: .convention),
      sample(
        "custom_jvp_stopped", [operand([3]), whole([3]), operand([3])], derivative: .convention),
    ]
    // Differentiable in one mode only: the checks ask for both.
    let oneMode =
      ["custom_vjp_scaled", "custom_vjp_flags", "custom_vjp_stopped", "jit_custom"]
      + ["checkpoint_custom", "closure_convert"]
    let backwards = oneMode.map {
      sample($0, [operand([3]), operand([3])], derivative: .none)
    }
    let forwards = [
      sample("custom_vjp_pair", [operand([3]), whole([3]), operand([3])], derivative: .none),
      sample("while_double", [operand([3], positive)], derivative: .none),
      sample(
        "while_closure", [operand([]), operand([], 1.2...1.8), operand([], 4...9)],
        derivative: .none),
      sample("while_mixed", [whole([]), operand([3])], derivative: .none),
      sample("fori_dynamic", [whole([]), operand([3])], derivative: .none),
    ]
    return branches + loops + others + backwards + forwards
  }
}
