// Which dtypes each elementwise operation and each reduction takes, as JAX 0.10.2 answered when it was
// asked for every one of them: an operation that takes more than JAX would hide a fault of a program,
// one that takes less would refuse a good one.

import Core
import Testing

@Suite struct DTypeTests {
  /// The dtypes that an operation takes.
  private enum Takes {
    case all, inexact, wholeAndBool, whole, numbers
    /// Numbers that have a sign.
    case signed

    func includes(_ dtype: DType) -> Bool {
      switch self {
      case .all: true
      case .inexact: dtype.isInexact
      case .wholeAndBool: !dtype.isInexact
      case .whole: dtype == .i32 || dtype == .u32
      case .numbers: dtype != .bool
      case .signed: dtype.isInexact || dtype == .i32
      }
    }
  }

  @Test(arguments: Unary.allCases)
  func `a function of one operand takes what JAX takes`(op: Unary) {
    let takes: Takes =
      switch op {
      case .neg, .sign, .square: .numbers
      case .abs: .signed
      case .not: .wholeAndBool
      case .populationCount, .clz: .whole
      case .copy, .stopGradient: .all
      case .floor, .ceil, .sqrt, .rsqrt, .cbrt, .roundAwayFromZero, .roundToEven, .exp, .exp2,
        .expm1, .log, .log1p, .logistic, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh,
        .asinh, .acosh, .atanh, .erf, .erfc, .erfInv, .lgamma, .digamma, .isFinite:
        .inexact
      }
    expect(.unary(op), of: 1, takes)
  }

  @Test(arguments: Binary.allCases)
  func `a function of two operands takes what JAX takes`(op: Binary) {
    let takes: Takes =
      switch op {
      case .add, .sub, .mul, .div, .rem, .addAny: .numbers
      case .pow, .atan2, .nextafter: .inexact
      case .max, .min: .all
      case .and, .or, .xor: .wholeAndBool
      case .shiftLeft, .shiftRightLogical, .shiftRightArithmetic: .whole
      }
    expect(.binary(op), of: 2, takes)
  }

  @Test func `comparisons, clamp and powers take what JAX takes`() {
    for op in Comparison.allCases { expect(.compare(op), of: 2, .all) }
    expect(.clamp, of: 3, .all)
    expect(.integerPow(2), of: 1, .numbers)
  }

  @Test(arguments: Reduction.allCases)
  func `a reduction takes what JAX takes`(op: Reduction) {
    let takes: Takes =
      switch op {
      case .sum, .prod: .numbers
      case .max, .min: .all
      case .and, .or, .xor: .wholeAndBool
      }
    expect(.reduce(op, axes: [0]), of: 1, takes)
  }

  @Test(arguments: Cumulative.allCases)
  func `a cumulative reduction takes what JAX takes`(op: Cumulative) {
    let takes: Takes =
      switch op {
      case .sum, .prod, .max, .min: .numbers
      case .logsumexp: .inexact
      }
    expect(.cumulative(op, axis: 0, reverse: false), of: 1, takes)
  }

  private func expect(_ p: Primitive, of count: Int, _ takes: Takes) {
    for dtype in DType.allCases {
      let operands = (0..<count).map { _ in ShapedArray(dtype, [2]) }
      let isTaken = (try? typingRule(p, operands)) != nil
      #expect(isTaken == takes.includes(dtype), "\(p.name) of \(dtype)")
    }
  }
}
