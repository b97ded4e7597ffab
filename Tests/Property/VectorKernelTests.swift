// Law: the vectorised functions of OpenBLASBackend are the functions that they are named for: inside
// the backend's error model everywhere, the reference's at special operands, symmetric to the last
// bit, and functions of one operand: neither its place nor its neighbours matter.
//
// The ranges of operands include the neighbours of every number at which a kernel changes its method.

import Catalogue
import Core
import OpenBLASBackend
import Oracle
import Testing

extension Unary {
  /// Whether OpenBLASBackend rounds it otherwise than the reference. (`erf` of f64 goes through the C
  /// library, and roots are rounded as IEEE 754 says; they obey these laws all the same.)
  var hasOwnRounding: Bool {
    Self.vectorised.contains(self) && self != .sqrt && self != .rsqrt
  }

  fileprivate static let vectorised: [Unary] = [
    .exp, .expm1, .log, .log1p, .logistic, .tanh, .sin, .cos, .erf, .sqrt, .rsqrt,
  ]
}

@Suite struct VectorKernelTests {
  private static let floats = [DType.f32, .f64]

  @Test(arguments: Unary.vectorised, floats)
  func `results stay inside the error model`(op: Unary, dtype: DType) throws {
    let x = buffer(thresholds(dtype) + scattered(3000, seed: 21), dtype)
    let jaxpr = try makeJaxpr { try bind(.unary(op), $0) }([x.aval])
    let enclosure = try enclose(jaxpr, [x], model: .openBLAS)[0]
    let (operands, results) = (x.storage.exact, try evaluated(op, x).storage.exact)
    for i in results.indices where !enclosure.admits(results[i], at: i) {
      Issue.record(
        """
        \(op) of \(operands[i].hi) in \(dtype), seed 21: \(results[i].hi), truth \
        \(enclosure.center[i].hi) ± \(enclosure.radius(i))
        """)
    }
    let decided = results.indices.filter { !enclosure.isOpen($0) }.count
    #expect(decided > results.count / 3, "only \(decided) of \(results.count) are decided")
  }

  /// Zeros, infinities and NaN, and on either side of where results overflow or vanish.
  @Test(arguments: Unary.vectorised, floats)
  func `special operands give the reference's bits`(op: Unary, dtype: DType) throws {
    let ends: [Double] = [0x1.62e42ep6, 0x1.62e43p6, -0x1.9fe368p6, -110, -746, 0x1.63p9, 1e300]
    let special: [Double] = [0, -0.0, .infinity, -.infinity, .nan, -1]
    let x = buffer(special + ends, dtype)
    let (ours, expected) = (try evaluated(op, x), try reference(op, x))
    for i in x.storage.exact.indices {
      let value = expected.storage.exact[i].hi
      guard value.isNaN || value.isInfinite || value == 0 || value.magnitude == 1 else { continue }
      #expect(
        sameNumbers(element(ours, i), element(expected, i)),
        "\(op) of \(x.storage.exact[i].hi): \(ours.storage.exact[i].hi), not \(value)")
    }
  }

  @Test(arguments: Unary.vectorised, floats)
  func `a result depends on its operand alone`(op: Unary, dtype: DType) throws {
    // The seventh is beyond the range in which sin and cos are computed by the kernel.
    var x = scattered(600, seed: 22)
    x[7] = 0x1p40
    let whole = try evaluated(op, buffer(x, dtype))
    for start in [0, 1, 2, 3, 5, 8, 250, 259] {
      for count in [1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 127, 300] {
        let part = try evaluated(op, buffer(Array(x[start..<start + count]), dtype))
        #expect(
          sameNumbers(part.storage, slice(whole.storage, start, count)),
          "\(op), elements \(start)..<\(start + count), seed 22")
      }
    }
  }

  @Test(arguments: [(Unary.sin, -1.0), (.tanh, -1), (.erf, -1), (.cos, 1)], floats)
  func `odd and even functions are symmetric bit for bit`(
    function: (op: Unary, sign: Double), dtype: DType
  ) throws {
    let x = thresholds(dtype) + scattered(3000, seed: 23)
    let there = try evaluated(function.op, buffer(x, dtype)).storage.exact
    let mirrored = try evaluated(function.op, buffer(x.map { -$0 }, dtype)).storage.exact
    for i in x.indices where !there[i].hi.isNaN {
      let expected = function.sign * there[i].hi
      #expect(mirrored[i].hi == expected && mirrored[i].hi.sign == expected.sign, "at \(x[i])")
    }
  }

  @Test(arguments: [Unary.sin, .cos], floats)
  func `angles beyond the kernel's range are the C library's`(op: Unary, dtype: DType) throws {
    let x = buffer(
      (21...100).map { 1.1 * Double(sign: .plus, exponent: $0, significand: 1) }, dtype)
    #expect(sameNumbers(try evaluated(op, x).storage, try reference(op, x).storage))
  }

  private func evaluated(_ op: Unary, _ x: Buffer) throws -> Buffer {
    try OpenBLASBackend().evaluate(.unary(op), [x])[0]
  }

  private func reference(_ op: Unary, _ x: Buffer) throws -> Buffer {
    try ReferenceBackend().evaluate(.unary(op), [x])[0]
  }

  private func element(_ buffer: Buffer, _ i: Int) -> Storage { slice(buffer.storage, i, 1) }

  private func slice(_ storage: Storage, _ start: Int, _ count: Int) -> Storage {
    let range = start..<start + count
    return switch storage {
    case .f32(let x): .f32(Array(x[range]))
    case .f64(let x): .f64(Array(x[range]))
    case .i32(let x): .i32(Array(x[range]))
    case .u32(let x): .u32(Array(x[range]))
    case .bool(let x): .bool(Array(x[range]))
    }
  }

  private func buffer(_ x: [Double], _ dtype: DType) -> Buffer {
    Buffer(shape: [x.count], Storage(rounding: x.map { DoubleDouble($0) }, to: dtype))
  }
}

/// The numbers at which some kernel changes its method or its result's exponent, both signs, each
/// with 24 neighbours on either side.
private func thresholds(_ dtype: DType) -> [Double] {
  let halfLog2 = 0.34657359027997264
  let turns = (1...8).map { Double($0) * .pi / 4 } + (1...8).map { Double($0) * halfLog2 }
  let others: [Double] = [
    0.41421356237309515, 0.2928932188134524, 0.7071067811865476, 1.4142135623730951, 1, 2, 3.93, 4,
    9.01, 19.06, 22, 37.43, 50, 87.33, 88.72, 103.97, 700, 708.39, 709.78, 745.13, 0x1p-126,
    0x1p-149, 0x1p-1022, 0x1p20,
  ]
  return (turns + others).flatMap { x -> [Double] in
    let near = (-24...24).map { dtype == .f32 ? neighbour(Float(x), $0) : neighbour(x, $0) }
    return near + near.map { -$0 }
  }
}

private func neighbour(_ x: Float, _ steps: Int) -> Double {
  Double(Float(bitPattern: UInt32(max(0, Int(x.bitPattern) + steps))))
}

private func neighbour(_ x: Double, _ steps: Int) -> Double {
  Double(bitPattern: UInt64(max(0, Int(x.bitPattern) + steps)))
}

/// Numbers of both signs: a third spread evenly over the exponents from 2⁻³⁰ to 2¹⁹, a third between −20
/// and 20, a third between −1 and 1.
private func scattered(_ count: Int, seed: UInt64) -> [Double] {
  var random = SeededGenerator(seed: seed)
  return (0..<count).map { i in
    switch i % 3 {
    case 0:
      Double(
        sign: Bool.random(using: &random) ? .plus : .minus,
        exponent: Int.random(in: -30..<19, using: &random),
        significand: Double.random(in: 1..<2, using: &random))
    case 1: Double.random(in: -20...20, using: &random)
    default: Double.random(in: -1...1, using: &random)
    }
  }
}
