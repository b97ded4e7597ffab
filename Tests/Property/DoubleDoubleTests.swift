// Laws of the double-double type that need no golden: conversions are exact or round once, the
// special values are those of IEEE 754, and the invariant |lo| ≤ ½ ulp(hi) survives arithmetic.

import Catalogue
import Core
import Testing

private let edges: [Double] = [
  0, -0.0, 1, -1, 0x1p-1074, -0x1p-1022, 1e308, .greatestFiniteMagnitude, .infinity, -.infinity,
  .nan, 0.1, -3, 0x1p53, 0x1.fffffffffffffp+1023,
]

private func isSame(_ x: Double, _ y: Double) -> Bool {
  x.isNaN ? y.isNaN : x == y && x.sign == y.sign
}

/// A pair of full length, the exponent of its low part anywhere below.
private func random(_ generator: inout SeededGenerator) -> DoubleDouble {
  let hi = Double.random(in: -4...4, using: &generator)
  let lo = Double.random(in: -0.5...0.5, using: &generator) * hi.ulp
  return DoubleDouble(hi: hi, lo: generator.next() % 4 == 0 ? lo * 0x1p-40 : lo)
}

@Suite struct DoubleDoubleTests {
  @Test func `on special values the arithmetic is that of Double`() {
    for a in edges {
      for b in edges where !(a.isFinite && b.isFinite && a != 0 && b != 0) {
        let (x, y) = (DoubleDouble(a), DoubleDouble(b))
        #expect(isSame((x + y).hi, a + b), "\(a) + \(b)")
        #expect(isSame((x - y).hi, a - b), "\(a) − \(b)")
        #expect(isSame((x * y).hi, a * b), "\(a) · \(b)")
        #expect(isSame((x / y).hi, a / b), "\(a) / \(b)")
        #expect((x < y, x <= y, x == y, x > y, x >= y) == (a < b, a <= b, a == b, a > b, a >= b))
      }
    }
  }

  @Test func `an overflow is an infinity and not NaN`() {
    let most = DoubleDouble(Double.greatestFiniteMagnitude)
    #expect((most + most).hi == .infinity)
    #expect((most * -2).hi == -.infinity)
    #expect((most / 0.5).hi == .infinity)
    #expect((most + 1).hi == most.hi && (most + 1).lo == 1)
    #expect(most * 1 == most)
  }

  @Test(arguments: [1 as UInt64, 2, 3])
  func `results are normalised and x − x is zero`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let (x, y) = (random(&generator), random(&generator))
      for z in [x + y, x - y, x * y, x / y, DoubleDouble.sqrt(x.magnitude)] {
        #expect(z.hi + z.lo == z.hi, "seed \(seed): \(x), \(y)")
      }
      #expect((x - x).hi == 0, "seed \(seed): \(x)")
      #expect(x + y == y + x, "seed \(seed): \(x), \(y)")
      #expect(x * y == y * x, "seed \(seed): \(x), \(y)")
    }
  }

  @Test func `a Float is rounded once from the pair`() {
    // 1 + 2⁻²⁴ is halfway between two floats; the low part breaks the tie either way.
    let tie = 1 + 0x1p-24
    #expect(Float(DoubleDouble(tie)) == 1)
    #expect(Float(DoubleDouble(hi: tie, lo: 0x1p-90)) == 1 + 0x1p-23)
    #expect(Float(DoubleDouble(hi: tie, lo: -0x1p-90)) == 1)
    let odd = 1 + 3 * 0x1p-24
    #expect(Float(DoubleDouble(odd)) == 1 + 0x1p-22)
    #expect(Float(DoubleDouble(hi: odd, lo: -0x1p-90)) == 1 + 0x1p-23)
    #expect(Float(-DoubleDouble(hi: odd, lo: -0x1p-90)) == -1 - 0x1p-23)
    // The same halfway between subnormal floats, and at the edge of overflow.
    #expect(Float(DoubleDouble(hi: 0x1p-150, lo: 0x1p-210)) == 0x1p-149)
    #expect(Float(DoubleDouble(hi: 0x1p-150, lo: -0x1p-210)) == 0)
    #expect(Float(DoubleDouble(hi: 0x1.ffffffp127, lo: -1)) == .greatestFiniteMagnitude)
    #expect(Float(DoubleDouble(0x1.ffffffp127)) == .infinity)
  }

  @Test func `integers are exact`() {
    for n in [Int.max, .min, 0, 1, -1, 1 << 53 + 1, -(1 << 62) + 3] {
      let x = DoubleDouble(n)
      #expect(DoubleDouble(exactly: n) == x)
      #expect(DoubleDouble(n >> 20) * 0x1p20 + DoubleDouble(n & 0xFFFFF) == x)
    }
    #expect(DoubleDouble(Int.max) + 1 == 0x1p63)
    #expect(DoubleDouble(exactly: UInt64.max) == 0x1p64 - 1 as DoubleDouble)
    #expect(DoubleDouble(exactly: Int8(-7)) == -7)
    #expect(DoubleDouble(3) == 3)
  }

  @Test func `text shows the digits of known constants`() {
    #expect(DoubleDouble.pi.description.hasPrefix("3.14159265358979323846264338327"))
    #expect((1 / DoubleDouble(3)).description.hasPrefix("3.33333333333333333333333333333"))
    #expect((-DoubleDouble(1e-300)).description.hasSuffix("e-300"))
    #expect(DoubleDouble.infinity.description == "inf")
  }

  @Test func `maximum and minimum know NaN and the sign of zero`() {
    func check<S: Scalar>(_: S.Type) {
      let (zero, negative): (S, S) = (S(0 as DoubleDouble), S(-0.0 as DoubleDouble))
      func isNegative(_ x: S) -> Bool { x == zero && x.doubleDouble.hi.sign == .minus }
      #expect(S.maximum(1, .nan).isNaN && S.maximum(.nan, 1).isNaN)
      #expect(S.minimum(1, .nan).isNaN && S.minimum(.nan, 1).isNaN)
      #expect(!isNegative(S.maximum(negative, zero)) && !isNegative(S.maximum(zero, negative)))
      #expect(isNegative(S.minimum(negative, zero)) && isNegative(S.minimum(zero, negative)))
      #expect(S.maximum(2, 3) == 3 && S.minimum(2, 3) == 2 && S.maximum(3, 2) == 3)
      #expect(isNegative(S.sign(negative)) && S.sign(.nan).isNaN && S.sign(-3) == -1)
    }
    check(Float.self)
    check(Double.self)
    check(DoubleDouble.self)
    #expect(Double.maximum(1, .nan).isNaN && Float.minimum(.nan, 1).isNaN)
  }

  @Test func `the power of Double is that of C`() {
    #expect(Double.power(-2, 2) == 4 && Double.power(-2, 3) == -8 && Double.power(-2, 0.5).isNaN)
    #expect(Double.power(0, 0) == 1 && Double.power(.nan, 0) == 1 && Double.power(1, .nan) == 1)
    #expect(Double.power(-0.0, -1) == -.infinity && Double.power(-0.0, 3).sign == .minus)
    #expect(Double.power(0, -2) == .infinity && Double.power(-1, .infinity) == 1)
    #expect(Double.power(-.infinity, 3) == -.infinity && Double.power(-.infinity, -2) == 0)
    #expect(Double.power(-0.5, .infinity) == 0 && Double.power(-0.5, -.infinity) == .infinity)
  }
}
