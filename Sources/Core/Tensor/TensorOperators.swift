// Operators with NumPy's broadcasting, and Swift literals as scalars of the tensor's dtype.
//
// Two tensors must have one dtype (JAX's strict promotion). Shapes are aligned at the last axis;
// an axis of extent 1, or a missing one, is repeated. A scalar needs no repetition: the primitives
// take it as it is.

/// `x` and `y` at their common shape.
private func aligned(_ name: String, _ x: Tensor, _ y: Tensor) throws -> [Tensor] {
  if x.shape == y.shape || x.rank == 0 || y.rank == 0 { return [x, y] }
  let shape = try broadcastShapes(name, x.shape, y.shape)
  return [try broadcast(x, to: shape), try broadcast(y, to: shape)]
}

/// The shape that two shapes broadcast to.
/// - Throws: `TraceError.illTyped` when an axis differs and neither extent is 1.
func broadcastShapes(_ name: String, _ a: [Int], _ b: [Int]) throws -> [Int] {
  let rank = max(a.count, b.count)
  let (x, y) = ([a, b].map { Array(repeating: 1, count: rank - $0.count) + $0 }).pair
  try require(
    zip(x, y).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 },
    "\(name) got incompatible shapes for broadcasting: \(pythonTuple(a)), \(pythonTuple(b)).")
  return zip(x, y).map { $0 == 1 ? $1 : $0 }
}

extension Array {
  /// The first two elements.
  fileprivate var pair: (Element, Element) { (self[0], self[1]) }
}

/// `op` of two tensors at their common shape.
func binary(_ op: Binary, _ x: Tensor, _ y: Tensor) throws -> Tensor {
  try bind1(.binary(op), aligned(op.rawValue, x, y))
}

/// `op` of two tensors at their common shape, as `bool`.
func compare(_ op: Comparison, _ x: Tensor, _ y: Tensor) throws -> Tensor {
  try bind1(.compare(op), aligned(op.rawValue, x, y))
}

/// The scalar `x` in the dtype of `like`.
func real(_ x: Double, _ like: Tensor) -> Tensor { Tensor(x, like.dtype) }

extension Tensor {
  /// x + y.
  public static func + (x: Tensor, y: Tensor) throws -> Tensor { try binary(.add, x, y) }
  /// x − y.
  public static func - (x: Tensor, y: Tensor) throws -> Tensor { try binary(.sub, x, y) }
  /// x · y, element by element.
  public static func * (x: Tensor, y: Tensor) throws -> Tensor { try binary(.mul, x, y) }
  /// x / y; whole numbers are divided towards zero.
  public static func / (x: Tensor, y: Tensor) throws -> Tensor { try binary(.div, x, y) }
  /// −x.
  public static prefix func - (x: Tensor) throws -> Tensor { try bind1(.unary(.neg), [x]) }

  /// x + y.
  public static func + (x: Tensor, y: Double) throws -> Tensor { try x + real(y, x) }
  /// x + y.
  public static func + (x: Double, y: Tensor) throws -> Tensor { try real(x, y) + y }
  /// x − y.
  public static func - (x: Tensor, y: Double) throws -> Tensor { try x - real(y, x) }
  /// x − y.
  public static func - (x: Double, y: Tensor) throws -> Tensor { try real(x, y) - y }
  /// x · y.
  public static func * (x: Tensor, y: Double) throws -> Tensor { try x * real(y, x) }
  /// x · y.
  public static func * (x: Double, y: Tensor) throws -> Tensor { try real(x, y) * y }
  /// x / y.
  public static func / (x: Tensor, y: Double) throws -> Tensor { try x / real(y, x) }
  /// x / y.
  public static func / (x: Double, y: Tensor) throws -> Tensor { try real(x, y) / y }
}

/// x = y, element by element.
public func equal(_ x: Tensor, _ y: Tensor) throws -> Tensor { try compare(.eq, x, y) }
/// x ≠ y, element by element.
public func notEqual(_ x: Tensor, _ y: Tensor) throws -> Tensor { try compare(.ne, x, y) }
/// x < y, element by element.
public func less(_ x: Tensor, _ y: Tensor) throws -> Tensor { try compare(.lt, x, y) }
/// x ≤ y, element by element.
public func lessOrEqual(_ x: Tensor, _ y: Tensor) throws -> Tensor { try compare(.le, x, y) }
/// x > y, element by element.
public func greater(_ x: Tensor, _ y: Tensor) throws -> Tensor { try compare(.gt, x, y) }
/// x ≥ y, element by element.
public func greaterOrEqual(_ x: Tensor, _ y: Tensor) throws -> Tensor { try compare(.ge, x, y) }

/// The larger; half the tangent each at a tie; NaN if either is.
public func maximum(_ x: Tensor, _ y: Tensor) throws -> Tensor { try binary(.max, x, y) }
/// The smaller; half the tangent each at a tie; NaN if either is.
public func minimum(_ x: Tensor, _ y: Tensor) throws -> Tensor { try binary(.min, x, y) }
/// xʸ of floating-point tensors.
public func pow(_ x: Tensor, _ y: Tensor) throws -> Tensor { try binary(.pow, x, y) }
/// The remainder with the sign of x.
public func rem(_ x: Tensor, _ y: Tensor) throws -> Tensor { try binary(.rem, x, y) }
/// The angle of the point (x, y).
public func atan2(_ y: Tensor, _ x: Tensor) throws -> Tensor { try binary(.atan2, y, x) }
/// Bitwise, or logical for `bool`.
public func logicalAnd(_ x: Tensor, _ y: Tensor) throws -> Tensor { try binary(.and, x, y) }
/// Bitwise, or logical for `bool`.
public func logicalOr(_ x: Tensor, _ y: Tensor) throws -> Tensor { try binary(.or, x, y) }
/// Bitwise, or logical for `bool`.
public func logicalXor(_ x: Tensor, _ y: Tensor) throws -> Tensor { try binary(.xor, x, y) }
/// Bitwise, or logical for `bool`.
public func logicalNot(_ x: Tensor) throws -> Tensor { try bind1(.unary(.not), [x]) }
