// Convolutions and windows that do not fit are refused in JAX's words (0.10.2), with the shapes.

import Core
import Testing

private func refusal(_ body: () throws -> Tensor) -> String? {
  let error = #expect(throws: TraceError.self) { try body() }
  return error?.description
}

private func convolved(
  _ lhs: [Int], _ rhs: [Int], strides: [Int] = [1], padding: WindowPadding = .valid,
  holes: [Int]? = nil, dilation: [Int]? = nil, groups: Int = 1, batchGroups: Int = 1
) throws -> Tensor {
  try convGeneralDilated(
    zeros(lhs), zeros(rhs), windowStrides: strides, padding: padding, lhsDilation: holes,
    rhsDilation: dilation, featureGroupCount: groups, batchGroupCount: batchGroups)
}

@Suite struct WindowErrors {
  @Test func `a convolution names the group that does not fit`() {
    #expect(
      refusal { try convolved([1, 3, 5], [2, 2, 2], groups: 2) }
        == "conv_general_dilated feature_group_count must divide lhs feature dimension size, but 2 "
        + "does not divide 3.")
    #expect(
      refusal { try convolved([1, 3, 5], [2, 2, 2]) }
        == "conv_general_dilated lhs feature dimension size divided by feature_group_count must "
        + "equal the rhs input feature dimension size, but 3 // 1 != 2.")
    #expect(
      refusal { try convolved([1, 4, 5], [3, 2, 2], groups: 2) }
        == "conv_general_dilated rhs output feature dimension size must be a multiple of "
        + "feature_group_count, but 3 is not a multiple of 2.")
    #expect(
      refusal { try convolved([3, 2, 5], [2, 2, 2], batchGroups: 2) }
        == "conv_general_dilated batch_group_count must divide lhs batch dimension size, but 2 does "
        + "not divide 3.")
    #expect(
      refusal { try convolved([2, 4, 5], [2, 2, 2], groups: 2, batchGroups: 2) }
        == "At most one of batch_group_count and feature_group_count may be > 1, got "
        + "batch_group_count=2 and feature_group_count=2")
    #expect(
      refusal { try convolved([1, 2, 5], [2, 2, 2], groups: 0) }
        == "conv_general_dilated feature_group_count must be a positive integer, got 0.")
  }

  @Test func `a convolution names the parameter that does not fit`() {
    #expect(
      refusal { try convolved([1, 2, 5], [2, 2, 2], strides: [1, 1]) }
        == "conv_general_dilated window and window_strides must have the same number of "
        + "dimensions, but got 1 and 2")
    #expect(
      refusal { try convolved([1, 2, 5], [2, 2, 2], padding: .explicit([])) }
        == "Wrong number of explicit pads for convolution: expected 1, got 0.")
    #expect(
      refusal {
        try convolved([1, 2, 5], [2, 2, 2], padding: .explicit([EdgePadding(-4, -3)]))
      }
        == "Negative padding is larger than the size of the corresponding dimension: got "
        + "padding=((-4, -3),) for lhs_shape[2:]=(5,)")
    #expect(
      refusal { try convolved([1, 2, 5], [2, 2, 2], dilation: [0]) }
        == "All dilations must be positive, got (0,).")
    #expect(
      refusal { try convolved([1, 2, 5], [2, 2, 2], padding: .same, holes: [2]) }
        == "String padding is not implemented for transposed convolution using this op. Please "
        + "either exactly specify the required padding or use conv_transpose.")
    #expect(
      refusal { try convolved([1, 2, 5], [2, 2]) }
        == "convolution requires lhs and rhs ndim to be equal, got 3 and 2.")
    #expect(
      refusal {
        try conv(zeros([1, 1, 4], .f64), zeros([1, 1, 2]), windowStrides: [1], padding: .valid)
      }
        == "lax.conv_general_dilated requires arguments to have the same dtypes, got float64, "
        + "float32.")
  }

  @Test func `letters of a layout are checked`() {
    func refused(_ lhs: String, _ rhs: String, _ out: String) -> String? {
      #expect(throws: TraceError.self) {
        try ConvDimensionNumbers(lhs: lhs, rhs: rhs, out: out)
      }?.description
    }
    #expect(
      refused("NHH", "OIH", "NCH")
        == "convolution dimension_numbers[0] must contain the characters 'N' and 'C' exactly once, "
        + "got NHH.")
    #expect(
      refused("NCHH", "OIHH", "NCHH")
        == "convolution dimension_numbers[0] cannot have duplicate characters, got NCHH.")
    #expect(
      refused("NCH", "OIW", "NCH")
        == "convolution dimension_numbers elements must each have the same set of spatial "
        + "characters, got ('NCH', 'OIW', 'NCH').")
    #expect(
      #expect(throws: TraceError.self) { try WindowPadding(named: "FULL") }?.description
        == "Unrecognized padding type: expected 'VALID', 'SAME', or 'SAME_LOWER', got FULL.")
  }

  @Test func `a window names the parameter that does not fit`() throws {
    let x = try zeros([2, 3])
    #expect(
      refusal { try reduceWindow(.max, x, windowDimensions: [2]) }
        == "reduce_window got the wrong number of window_dimensions for operand: got operand shape "
        + "(2, 3) with window_dimensions (2,).")
    #expect(
      refusal { try reduceWindow(.max, x, windowDimensions: [1, 2], windowStrides: [1]) }
        == "reduce_window got inconsistent window_strides and window_dimensions: got window_strides "
        + "(1,) and window_dimensions (1, 2).")
    #expect(
      refusal { try reduceWindow(.max, x, windowDimensions: [1, 2], baseDilation: [0, 1]) }
        == "All dilations must be positive, got (0, 1).")
    #expect(
      refusal { try reduceWindow(.sum, zeros([3], .bool), windowDimensions: [2]) }
        == "operand to reduce_window_sum must have a number dtype, got bool")
    #expect(
      refusal { try reduceWindow(.sum, x, windowDimensions: [0, 1]) }
        == "reduce_window window_dimensions must have every element be positive, got (0, 1).")
  }
}
