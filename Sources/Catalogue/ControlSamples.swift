// Samples of the operations that run programs: away from where a branch or a count changes.
//
// A function that is differentiable in one mode only is sampled as one without a derivative: the
// checks ask for both modes. control.h5 holds its derivative.

import Core

extension Catalogue {
  /// Branches, loops, calls and functions with their own derivative.
  static func controlSamples(_ dtype: DType) -> [Sample] {
    guard dtype.isInexact else { return [] }
    let of = ControlOperands(dtype: dtype)
    return of.branches + of.calls + of.oneMode + [true, false].flatMap(of.loops)
  }
}

/// The operands of control samples in one dtype.
private struct ControlOperands {
  let dtype: DType

  private func real(_ shape: [Int] = [], _ domain: ClosedRange<Double> = -1...1) -> Operand {
    Operand(ShapedArray(dtype, shape), in: domain)
  }
  private func positive(_ shape: [Int] = []) -> Operand { real(shape, 0.3...2.0) }
  private func whole(_ shape: [Int] = [], _ domain: ClosedRange<Double> = 1...4) -> Operand {
    Operand(ShapedArray(.i32, shape), in: domain)
  }
  private var truth: Operand { Operand(ShapedArray(.bool), in: 0...1) }

  private func sample(
    _ name: String, _ operands: [Operand], _ parameters: String = "{}",
    _ derivative: Sample.Derivative = .smooth
  ) -> Sample {
    Sample(name, parameters, family: "control", operands, derivative)
  }

  private func nest(_ function: String, _ nest: [String], _ inAxes: String, _ reverse: Bool)
    -> String
  {
    "{\"function\":\"\(function)\",\"in_axes\":\(inAxes),\"nest\":\(nest),\"reverse\":\(reverse)}"
  }

  var branches: [Sample] {
    [
      sample("cond_sign", [positive(), real([3])]),
      sample("cond_sign", [real([], -2.0...(-0.3)), real([2, 3])]),
      sample("cond_closure", [truth, real([3]), real([3])]),
      sample("cond_mixed", [truth, real([3]), whole()]),
      sample("cond_nested", [truth, truth, real([3])]),
      sample("cond_scan", [truth, real(), real([3])], "{\"reverse\":false}"),
      sample("where_trap", [positive()]),
      sample("switch_three", [whole([], -1...4), real([3])]),
      sample(
        "control", [positive([4]), positive([4, 2])], nest("cond_sign", ["vmap"], "[0,0]", false)),
    ]
  }

  func loops(reverse: Bool) -> [Sample] {
    let direction = "{\"reverse\":\(reverse)}"
    return [
      sample("scan_rnn", [real([3, 3]), real([3]), real([4, 3])], direction),
      sample("scan_rnn", [real([2, 2]), real([2]), real([1, 2])], direction),
      sample("scan_horner", [real([5]), real()], direction),
      sample("scan_alone", [real([2])], direction),
      sample("scan_cond", [positive([3]), real()], direction),
      sample("scan_custom", [positive([4])], direction),
      sample("scan_mixed", [real([4], 0.6...2), whole([4])], direction),
      sample("scan_nested", [real([3, 2]), real()], direction),
      sample("scan_outer", [real([4]), real()], direction),
      sample("scan_custom_vjp", [real([3]), real()], direction, .none),
      sample("scan_while", [real([3])], direction, .none),
      sample("checkpoint_scan", [real([4]), real()], direction),
      sample("associative_affine", [real([6]), real([6])], direction),
      sample("associative_affine", [real([5, 2]), real([5, 2])], direction),
      sample("associative_last", [real([2, 3])], direction),
      sample(
        "control", [real([2, 2]), real([3, 2]), real([4, 3, 2])],
        nest("scan_rnn", ["vmap"], "[null,0,1]", reverse)),
      sample(
        "control", [real([3, 2]), real(), real(), real([3])],
        nest("scan_nested", ["vjp"], "[]", reverse)),
    ]
  }

  var calls: [Sample] {
    [
      sample("fori_newton", [positive([3])]),
      sample("fori_dot", [real([6]), real()]),
      sample("checkpoint_chain", [real([3]), real([3])]),
      sample("jit_nested", [real([3]), real([3])]),
      sample("jit_closure", [real([3]), real([3])]),
      sample("custom_jvp_double", [real([3])], "{}", .convention),
      sample("custom_jvp_pair", [real([3]), whole([3]), real([3])], "{}", .convention),
      sample("custom_jvp_stopped", [real([3]), whole([3]), real([3])], "{}", .convention),
    ]
  }

  var oneMode: [Sample] {
    let backwards = [
      "custom_vjp_scaled", "custom_vjp_flags", "custom_vjp_stopped", "jit_custom",
      "checkpoint_custom", "closure_convert",
    ]
    return backwards.map { sample($0, [real([3]), real([3])], "{}", .none) } + [
      sample("custom_vjp_pair", [real([3]), whole([3]), real([3])], "{}", .none),
      sample("while_double", [positive([3])], "{}", .none),
      sample("while_closure", [real(), real([], 1.2...1.8), real([], 4...9)], "{}", .none),
      sample("while_mixed", [whole(), real([3])], "{}", .none),
      sample("fori_dynamic", [whole(), real([3])], "{}", .none),
    ]
  }
}
