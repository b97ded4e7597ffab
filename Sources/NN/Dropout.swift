// Dropout: some elements become 0, the others grow so that the mean stays (rules DO-01 to DO-07).
//
// q = 1 − p; out = mask ? x / q : 0 with mask drawn with probability q. The key decides the mask alone,
// together with the dtype of the numbers it draws: JAX draws them in its default float, which is f64
// once 64-bit types are enabled (DO-07).

public import Core
public import Random
public import Tree

/// Drops elements with probability p while training; passes everything in inference.
public struct Dropout: RandomLayer {
  /// The probability to drop an element; nothing checks that it is one (DO-04).
  public var p: Rate
  /// Whether the layer passes its input.
  public var inference: Bool
  /// Whether masks are those of JAX with 64-bit types enabled.
  public let x64: Bool
  /// The derivative where all is dropped.
  public let atOne: AtOne

  /// The probability: a Swift number, or a tensor that a transformation can reach.
  public enum Rate: Sendable {
    case number(Double)
    case tensor(Tensor)
  }

  /// What the derivative is at p = 1, where the output is 0 whatever the input (DV-33).
  public enum AtOne: String, Hashable, Sendable {
    /// 0.
    case zero
    /// NaN, as in Equinox 0.13.8: the quotient x / 0 is masked, its derivative is not.
    case equinox
  }

  /// Dropout with probability `p`.
  public init(
    _ p: Rate = 0.5, inference: Bool = false, x64: Bool = false, atOne: AtOne = .zero
  ) {
    self.p = p
    self.inference = inference
    self.x64 = x64
    self.atOne = atOne
  }

  /// Shows `p` and `inference`, which are leaves as in Equinox.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("p", &p)
    visitor.field("inference", &inference)
    visitor.constant("x64", x64)
    visitor.constant("atOne", atOne)
  }

  /// `x` with elements dropped; `key` is needed unless nothing is drawn.
  public func callAsFunction(_ x: Tensor, key: Key?) throws -> Tensor {
    try self(x, key: key, inference: nil)
  }

  /// `x` with elements dropped; `inference`, if given, goes before the layer's own (DO-03).
  public func callAsFunction(_ x: Tensor, key: Key? = nil, inference: Bool?) throws -> Tensor {
    if inference ?? self.inference || p.isNumberZero { return x }
    guard let key else { throw LayerError.missingKey("Dropout") }
    // A whole number goes to JAX's default float.
    let x = x.dtype.isInexact ? x : try x.asType(x64 ? .f64 : .f32)
    switch p {
    case .number(let p):
      let mask = try key.bernoulli(1 - p, x.shape, dtype: x64 ? .f64 : .f32)
      return try scaled(x, by: Tensor(1 - p, x.dtype), where: mask)
    case .tensor(let p):
      let q = try 1 - stopGradient(p)
      let mask = try key.bernoulli(q, x.shape)
      return try scaled(x, by: q.asType(x.dtype), where: mask)
    }
  }

  /// x / q where `mask` holds, else 0.
  private func scaled(_ x: Tensor, by q: Tensor, where mask: Tensor) throws -> Tensor {
    let divisor =
      switch atOne {
      // Where q is 0 the mask is empty, so that no value divides by the 1.
      case .zero: try `where`(equal(q, zeros(like: q)), ones(like: q), q)
      case .equinox: q
      }
    return try `where`(mask, x / divisor, zeros(like: x))
  }
}

extension Dropout.Rate: PyTree, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// The number or the tensor stands for itself.
  public static var nodeRole: NodeRole { .container }

  /// Shows the one leaf.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    switch self {
    case .number(var p):
      visitor.stand(&p)
      self = .number(p)
    case .tensor(var p):
      visitor.stand(&p)
      self = .tensor(p)
    }
  }

  /// A Swift number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A Swift number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }

  fileprivate var isNumberZero: Bool {
    switch self {
    case .number(let p): p == 0
    case .tensor: false
    }
  }
}
