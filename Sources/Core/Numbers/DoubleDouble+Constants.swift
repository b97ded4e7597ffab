// Mathematical constants to the full 106 bits, computed with mpmath at 4000 bits and split.

extension DoubleDouble {
  /// π
  public static let pi = DoubleDouble(
    unchecked: 0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53)
  /// π/2
  public static let halfPi = DoubleDouble(
    unchecked: 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54)
  /// e
  public static let e = DoubleDouble(
    unchecked: 0x1.5bf0a8b145769p+1, 0x1.4d57ee2b1013ap-53)
  /// log 2
  public static let ln2 = DoubleDouble(
    unchecked: 0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56)
  /// 1/log 2
  public static let log2e = DoubleDouble(
    unchecked: 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56)
  /// log 10
  public static let ln10 = DoubleDouble(
    unchecked: 0x1.26bb1bbb55516p+1, -0x1.f48ad494ea3e9p-53)
  /// √2
  public static let sqrtTwo = DoubleDouble(
    unchecked: 0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54)
  /// 2/√π
  public static let twoOverSqrtPi = DoubleDouble(
    unchecked: 0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56)
  /// √π/2
  public static let sqrtPiOverTwo = DoubleDouble(
    unchecked: 0x1.c5bf891b4ef6bp-1, -0x1.618f13eb7ca89p-55)
  /// ½ log 2π
  public static let halfLogTwoPi = DoubleDouble(
    unchecked: 0x1.d67f1c864beb5p-1, -0x1.65b5a1b7ff5dfp-55)
  /// The Euler–Mascheroni constant.
  public static let eulerGamma = DoubleDouble(
    unchecked: 0x1.2788cfc6fb619p-1, -0x1.6cb90701fbfabp-58)

  /// +∞
  public static let infinity = DoubleDouble(Double.infinity)
  /// Not a number.
  public static let nan = DoubleDouble(Double.nan)
}
