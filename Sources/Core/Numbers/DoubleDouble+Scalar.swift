// DoubleDouble as the `Scalar` in which the truth is computed, and as text.

import RealModule

extension DoubleDouble: Scalar {
  /// The value itself.
  public init(_ value: DoubleDouble) {
    self = value
  }

  /// The value itself.
  public var doubleDouble: DoubleDouble { self }
}

extension DoubleDouble: CustomStringConvertible {
  /// Scientific notation with 32 significant digits; the last one may be off by a few units.
  public var description: String {
    guard isFinite && hi != 0 else { return "\(hi)" }
    var exponent = Int(Double.log10(hi.magnitude).rounded(.down))
    var rest = magnitude
    // Ten's power in two steps, so that subnormal numbers do not overflow it.
    let half = exponent / 2
    rest = rest * DoubleDouble.power(10, DoubleDouble(-half))
    rest = rest * DoubleDouble.power(10, DoubleDouble(half - exponent))
    if rest >= 10 { (rest, exponent) = (rest / 10, exponent + 1) }
    if rest < 1 { (rest, exponent) = (rest * 10, exponent - 1) }
    var digits = ""
    for _ in 0..<32 {
      let digit = min(max(DoubleDouble.floor(rest).hi, 0), 9)
      digits += String(Int(digit))
      rest = (rest - DoubleDouble(digit)) * 10
    }
    let sign = hi < 0 ? "-" : ""
    return "\(sign)\(digits.prefix(1)).\(digits.dropFirst())e\(exponent)"
  }
}
