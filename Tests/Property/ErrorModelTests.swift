// The constants of the error model hold: the reference's elementary functions stay inside their
// enclosures over wide ranges, and a result just outside is refused.

import Catalogue
import Core
import Oracle
import RealModule
import Testing

@Suite struct ErrorModelTests {
  /// 4000 points per function: enough to come within a quarter of the true maximum.
  private static let count = 4000

  @Test(arguments: Unary.allCases.filter(\.isElementary), [DType.f32, .f64])
  func theReferenceStaysInsideItsModel(op: Unary, dtype: DType) throws {
    let x = points(op, dtype, seed: 11)
    let result = try ReferenceBackend().evaluate(.unary(op), [x])[0]
    try expectAdmitted(.unary(op), [x], result)
  }

  @Test(arguments: [Binary.pow, .atan2, .div, .rem, .mul, .add, .sub], [DType.f32, .f64])
  func theReferenceStaysInsideItsModel(op: Binary, dtype: DType) throws {
    let x = buffer(logUniform(Self.count, 1e-3...1e3, signed: op != .pow, seed: 3), dtype)
    let exponents = logUniform(Self.count, 1e-3...8, signed: true, seed: 4)
    let result = try ReferenceBackend().evaluate(.binary(op), [x, buffer(exponents, dtype)])[0]
    try expectAdmitted(.binary(op), [x, buffer(exponents, dtype)], result)
  }

  @Test(arguments: Unary.allCases.filter(\.isElementary), [DType.f32, .f64])
  func aResultTwiceAsFarOutIsRefused(op: Unary, dtype: DType) throws {
    let x = points(op, dtype, seed: 12)
    let enclosure = try enclosed(.unary(op), [x])
    for i in enclosure.center.indices where enclosure.radius(i) > 0 && !enclosure.isOpen(i) {
      let off = DoubleDouble(2 * enclosure.radius(i))
      guard enclosure.radius(i).isFinite else { continue }
      #expect(!enclosure.admits(enclosure.center[i] + off, at: i), "\(op) element \(i)")
    }
  }

  private func expectAdmitted(_ p: Primitive, _ x: [Buffer], _ result: Buffer) throws {
    let enclosure = try enclosed(p, x)
    let computed = result.storage.exact
    for i in computed.indices where !enclosure.admits(computed[i], at: i) {
      let operands = x.map { $0.storage.exact[i] }
      Issue.record(
        "\(p) of \(operands): \(computed[i]), truth \(enclosure.center[i]) ± \(enclosure.radius(i))"
      )
    }
    let decided = computed.indices.filter { !enclosure.isOpen($0) }
    #expect(decided.count > Self.count / 2, "most elements must be decided")
  }

  private func enclosed(_ p: Primitive, _ x: [Buffer]) throws -> Enclosure {
    let jaxpr = try makeJaxpr { try bind(p, $0) }(x.map(\.aval))
    return try enclose(jaxpr, x, model: .reference)[0]
  }

  private func points(_ op: Unary, _ dtype: DType, seed: UInt64) -> Buffer {
    let (range, isSigned) = op.range
    let spread = logUniform(Self.count / 2, range, signed: isSigned, seed: seed)
    var random = SeededGenerator(seed: seed)
    let flat = (0..<Self.count / 2).map { _ in
      let x = Double.random(in: range, using: &random)
      return isSigned && Bool.random(using: &random) ? -x : x
    }
    return buffer((spread + flat).map { op.shift + $0 }, dtype)
  }

  private func buffer(_ x: [Double], _ dtype: DType) -> Buffer {
    Buffer(shape: [x.count], Storage(rounding: x.map { DoubleDouble($0) }, to: dtype))
  }
}

/// Magnitudes spread evenly over their exponents.
private func logUniform(
  _ count: Int, _ range: ClosedRange<Double>, signed: Bool, seed: UInt64
) -> [Double] {
  var random = SeededGenerator(seed: seed)
  let (low, high) = (Double.log(range.lowerBound), Double.log(range.upperBound))
  return (0..<count).map { _ in
    let magnitude = Double.exp(Double.random(in: low...high, using: &random))
    return signed && Bool.random(using: &random) ? -magnitude : magnitude
  }
}

extension Unary {
  /// Whether the C library, or DoubleDouble, computes it with a measured error.
  fileprivate var isElementary: Bool {
    switch self {
    case .neg, .sign, .floor, .ceil, .abs, .roundAwayFromZero, .roundToEven, .isFinite, .not,
      .copy, .stopGradient, .populationCount, .clz:
      false
    case .square, .sqrt, .rsqrt, .cbrt, .exp, .exp2, .expm1, .log, .log1p, .logistic, .sin, .cos,
      .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh, .asinh, .acosh, .atanh, .erf, .erfc, .erfInv,
      .lgamma, .digamma:
      true
    }
  }

  /// The magnitudes that the function is tried at, and whether both signs are.
  fileprivate var range: (ClosedRange<Double>, Bool) {
    switch self {
    case .exp, .expm1, .logistic, .sinh, .cosh: (1e-6...80, true)
    case .exp2: (1e-6...120, true)
    case .log, .sqrt, .rsqrt: (1e-30...1e30, false)
    case .log1p: (1e-6...1e6, false)
    case .asin, .acos, .atanh, .erfInv: (1e-6...0.999999, true)
    case .acosh: (1e-6...1e6, false)
    case .tanh: (1e-6...20, true)
    case .erf, .erfc: (1e-6...8, true)
    case .lgamma, .digamma: (1e-3...1e4, false)
    case .sin, .cos, .tan: (1e-6...100, true)
    case .neg, .sign, .floor, .ceil, .abs, .square, .cbrt, .roundAwayFromZero, .roundToEven, .atan,
      .asinh, .isFinite, .not, .copy, .stopGradient, .populationCount, .clz:
      (1e-6...1e6, true)
    }
  }

  /// Where the magnitudes are counted from.
  fileprivate var shift: Double { self == .acosh ? 1 : 0 }
}
