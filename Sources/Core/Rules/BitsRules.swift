// The types of operations that look at bits: bitcast_convert_type and threefry2x32.

func bitcastType(_ x: ShapedArray, to dtype: DType) throws -> ShapedArray {
  let names = "operand dtype=\(x.dtype.longName), new_dtype=\(dtype.longName)"
  try require(
    x.dtype == dtype || x.dtype != .bool && dtype != .bool,
    "lax.bitcast_convert_type does not support bool or complex values unless the operand and "
      + "destination types match. Got \(names).")
  try require(
    (x.dtype == .f64) == (dtype == .f64),
    "bitcast_convert_type requires dtypes of equal width. Got \(names).")
  return x.with(dtype: dtype)
}

/// Four operands of u32, equal in shape or scalar, to two results.
func threefryTypes(_ ins: [ShapedArray]) throws -> [ShapedArray] {
  try require(
    ins.allSatisfy { $0.dtype == .u32 },
    "Arguments to threefry2x32 must have uint32 type, got "
      + ins.map(\.description).joined(separator: ", "))
  let out = try ins.dropFirst().reduce(ins[0]) { try broadcastType("threefry2x32", $0, $1) }
  return [out, out]
}
