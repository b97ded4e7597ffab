// What most optimisers share: moving averages, their bias correction, norms, the count.
//
// Each is written in the order of optax/tree_utils/_tree_math.py, so that roundings agree.

public import Core
public import Tree

/// ‖u‖₂ over all tensors: √(Σ x²).
public func globalNorm(_ updates: Updates) throws -> Tensor { try sqrt(globalSquare(updates)) }

/// Σ x² over all tensors, leaf by leaf.
func globalSquare(_ updates: Updates) throws -> Tensor {
  try total(updates.values.compactMap { try $0.map { try sum(square($0)) } })
}

/// Σ x y over all tensors, leaf by leaf.
func inner(_ a: Updates, _ b: Updates) throws -> Tensor {
  try total(a.zip(b) { x, y in try sum(x * y) }.values.compactMap { $0 })
}

/// The sum of scalars in the widest of their dtypes, from left to right.
private func total(_ terms: [Tensor]) throws -> Tensor {
  guard var total = terms.first else { return Tensor(0) }
  for next in terms.dropFirst() {
    let dtype = promoted(total.dtype, next.dtype)
    total = try total.asType(dtype) + next.asType(dtype)
  }
  return total
}

extension Updates {
  /// d · m + (1 − d) · g: this average moved towards g.
  func average(of g: Updates, decay d: Hyperparameter) throws -> Updates {
    try zip(g) { m, g in try (1 - d) * g + d * m }
  }

  /// d · v + (1 − d) · g²: this average moved towards the square of g.
  func average(ofSquareOf g: Updates, decay d: Hyperparameter) throws -> Updates {
    try zip(g) { v, g in try (1 - d) * integerPow(g, 2) + d * v }
  }

  /// m / (1 − dᵗ): the average of t values that began at zero, as if it had not.
  ///
  /// The correction is computed in the dtype of m, which costs digits in f32 (rule OX-03: 1 − 0.999
  /// is off by 6.7e-6 of itself), and is made once per dtype.
  func biasCorrected(decay d: Hyperparameter, _ t: Tensor) throws -> Updates {
    var corrections: [DType: Tensor] = [:]
    return try map { m in
      let correction = try corrections[m.dtype] ?? (1 - pow(d.tensor(m.dtype), t.asType(m.dtype)))
      corrections[m.dtype] = correction
      return try m / correction
    }
  }
}

/// count + 1, which stays at 2³¹ − 1 (rule OX-07).
func incremented(_ count: Tensor) throws -> Tensor {
  let last = Tensor(constant: DoubleDouble(Double(Int32.max)), .i32)
  return try `where`(less(count, last), count + Tensor(constant: 1, .i32), last)
}

/// Two moments and how many gradients they have seen: the state of Adam and of most of its kin.
public struct AdamState: PyTree {
  /// i32[]
  public var count = Tensor(0, .i32)
  /// The average of gradients.
  public var mu: Updates
  /// The average of what they are scaled by, mostly their squares.
  public var nu: Updates

  /// Shows count, mu, nu.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("count", &count)
    visitor.field("mu", &mu)
    visitor.field("nu", &nu)
  }
}

/// m / (1 − bᵗ) or, one step ahead, b m / (1 − bᵗ⁺¹) + (1 − b) g / (1 − bᵗ).
func firstMoment(
  _ mu: Updates, _ g: Updates, _ b: Hyperparameter, _ t: Tensor, nesterov: Bool
) throws -> Updates {
  guard nesterov else { return try mu.biasCorrected(decay: b, t) }
  let ahead = try mu.biasCorrected(decay: b, incremented(t))
  return try ahead.zip(g.biasCorrected(decay: b, t)) { m, g in try b * m + (1 - b) * g }
}
