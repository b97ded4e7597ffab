// x·a + b with one rounding, from operations that round each.
//
// f32: product and sum in f64, where the product is exact (24 + 24 bits). f64: the product and the
// sum as unevaluated pairs (Dekker 1971; Knuth's two-sum). What remains is to round a sum z + d + w
// with |d| ≤ ulp(z)/2 and w far below d: z is right unless d lies halfway to the next number, where
// the sign of w decides (the double rounding that Boldo and Melquiond 2008 avoid by rounding to odd).
// Exact unless something overflows or underflows on the way.

package import Core

/// x·a + b, rounded once; one floating-point dtype, shapes broadcast.
package func fusedMultiplyAdd(_ x: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
  x.dtype == .f32 ? try inDouble(x, a, b) : try inPairs(x, a, b)
}

private func inDouble(_ x: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
  let product = try x.asType(.f64) * a.asType(.f64)
  let (sum, error) = try twoSum(product, b.asType(.f64))
  let near = try sum.asType(.f32).asType(.f64)
  let (far, isHalfway) = try mirrored(near, sum - near) {
    try equal($0.asType(.f32).asType(.f64), $0)
  }
  return try resolved(near, far, isHalfway, error).asType(.f32)
}

private func inPairs(_ x: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
  let (product, low) = try twoProduct(x, a)
  let (u, uLow) = try twoSum(b, low)
  let (t, tLow) = try twoSum(product, u)
  let (v, w) = try twoSum(tLow, uLow)
  let (z, d) = try twoSum(t, v)
  let (far, isHalfway) = try mirrored(z, d) { try equal(twoSum(z, d * 2).error, zeros(like: $0)) }
  let rounded = try resolved(z, far, isHalfway, w)
  // Nothing left between z and w: the sum of two numbers.
  return try `where`(equal(d, zeros(like: d)), z + w, rounded)
}

/// The number as far from z + d as z, beyond it, and whether it is one of the format: only then does
/// z + d lie halfway.
private func mirrored(
  _ z: Tensor, _ d: Tensor, isNumber: (Tensor) throws -> Tensor
) throws -> (far: Tensor, isHalfway: Tensor) {
  let far = try z + d * 2
  return (far, try logicalAnd(notEqual(d, zeros(like: d)), isNumber(far)))
}

/// `near`, or where a tie leaves the choice to the sign of `rest`, that neighbour.
private func resolved(
  _ near: Tensor, _ far: Tensor, _ isHalfway: Tensor, _ rest: Tensor
) throws -> Tensor {
  let zero = try zeros(like: rest)
  let chosen = try `where`(greater(rest, zero), maximum(near, far), minimum(near, far))
  return try `where`(logicalAnd(isHalfway, notEqual(rest, zero)), chosen, near)
}

/// x + y as the rounded sum and its error, exactly.
private func twoSum(_ x: Tensor, _ y: Tensor) throws -> (sum: Tensor, error: Tensor) {
  let sum = try x + y
  let part = try sum - x
  let error = try (x - (sum - part)) + (y - part)
  return (sum, error)
}

/// x·y as the rounded product and its error, exactly, by halves of 26 bits.
private func twoProduct(_ x: Tensor, _ y: Tensor) throws -> (product: Tensor, error: Tensor) {
  let product = try x * y
  let ((x1, x2), (y1, y2)) = (try halves(x), try halves(y))
  let error = try ((x1 * y1 - product) + x1 * y2 + x2 * y1) + x2 * y2
  return (product, error)
}

private func halves(_ x: Tensor) throws -> (Tensor, Tensor) {
  let scaled = try x * 134_217_729
  let upper = try scaled - (scaled - x)
  return (upper, try x - upper)
}
