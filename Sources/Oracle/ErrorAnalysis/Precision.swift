// A floating-point format as the error analysis sees it.

public import Core

/// The constants of a binary format.
public struct Precision: Sendable {
  /// Bits of the significand, the hidden one included.
  public let significandBits: Int
  /// The smallest normal number.
  public let leastNormal: Double
  /// The distance between subnormal neighbours.
  public let leastSubnormal: Double
  /// From here on a result rounds to infinity: the largest finite number plus half its ulp.
  public let overflow: DoubleDouble

  /// The format of `dtype`, if it is a floating-point one.
  public init?(_ dtype: DType) {
    switch dtype {
    case .f32: self.init(Float.self)
    case .f64: self.init(Double.self)
    case .i32, .u32, .bool: return nil
    }
  }

  private init<T: BinaryFloatingPoint>(_ type: T.Type) {
    significandBits = T.significandBitCount + 1
    leastNormal = Double(T.leastNormalMagnitude)
    leastSubnormal = Double(T.leastNonzeroMagnitude)
    let greatest = T.greatestFiniteMagnitude
    overflow = DoubleDouble(Double(greatest)) + DoubleDouble(Double(greatest.ulp) / 2)
  }

  /// u = 2⁻ᵖ, half the relative distance between neighbours.
  public var unitRoundoff: Double {
    Double(sign: .plus, exponent: -significandBits, significand: 1)
  }

  /// ulp(y) = 2^(max(⌊log₂|y|⌋, emin) − p + 1), the unit in which errors of y are told (Muller).
  public func ulp(_ y: DoubleDouble) -> Double {
    let magnitude = abs(Double(y))
    guard magnitude >= leastNormal else { return leastSubnormal }
    guard magnitude < .infinity else { return .infinity }
    return Double(
      sign: .plus, exponent: Int(magnitude.exponent) - significandBits + 1, significand: 1)
  }
}

extension Double {
  /// γₙ = n u / (1 − n u): the bound on n accumulated roundings of unit roundoff `u`.
  static func gamma(_ n: Int, _ u: Double) -> Double {
    let accumulated = Double(n) * u
    return accumulated < 1 ? accumulated / (1 - accumulated) : .infinity
  }
}
