// Elementwise equations: the image at the ends of the operands, widened by the model's ulps.

import Core

extension EnclosureRule {
  /// `enclosure` with every interval widened by `ulps` of the result's format, then rounded out:
  /// what overflows may be infinite, what underflows may be zero if the model flushes. Elements where
  /// `isExact` holds are not rounded.
  func widened(
    _ enclosure: Enclosure, ulps: Double, absolute: Double = 0,
    isExact: (Int) -> Bool = { _ in false }
  ) -> Enclosure {
    guard let precision = Precision(out.dtype) else { return enclosure }
    var (lower, upper) = (enclosure.lower, enclosure.upper)
    let fixed = absolute * precision.unitRoundoff
    func error(_ bound: DoubleDouble) -> DoubleDouble {
      DoubleDouble(max(ulps * precision.ulp(bound), fixed))
    }
    for i in lower.indices where !lower[i].isNaN {
      // An infinite end (of 1/0, say) is not rounded.
      if !isExact(i) {
        if lower[i].isFinite { lower[i] = lower[i] - error(lower[i]) }
        if upper[i].isFinite { upper[i] = upper[i] + error(upper[i]) }
      }
      model.roundOut(&lower[i], &upper[i], precision)
    }
    return Enclosure(out, center: enclosure.center, lower: lower, upper: upper)
  }

  func unary(_ op: Unary, _ x: Enclosure) throws -> Enclosure {
    guard x.aval.dtype.isInexact else { return try wholeNumber([x]) }
    let error = model.error(op, out.dtype)
    let (x, ulps) = (perturbed(x, by: error.backward), error.ulps)
    switch op {
    case .neg, .copy, .stopGradient, .not, .isFinite, .sign, .floor, .ceil, .roundAwayFromZero,
      .roundToEven, .populationCount, .clz:
      return try cornerImage([x])
    case .abs: return try image(x, minimumAt: 0)
    case .square: return widened(try image(x, minimumAt: 0), ulps: ulps, isExact: x.isZero)
    case .cosh: return widened(try image(x, minimumAt: 0), ulps: ulps)
    case .sin, .cos: return widened(try lipschitz(x), ulps: ulps)
    case .tan: return widened(try tangent(x), ulps: ulps)
    case .lgamma: return widened(try logGamma(x), ulps: ulps, absolute: error.absolute)
    case .digamma: return widened(try opened(cornerImage([x]), x, where: x.holdsPole), ulps: ulps)
    case .sqrt, .rsqrt, .cbrt, .exp, .exp2, .expm1, .log, .log1p, .logistic, .asin, .acos, .atan,
      .sinh, .tanh, .asinh, .acosh, .atanh, .erf, .erfc, .erfInv:
      return widened(try cornerImage([x]), ulps: ulps)
    }
  }

  /// Even functions with their minimum at `point`: it belongs to the image of an interval around it.
  private func image(_ x: Enclosure, minimumAt point: DoubleDouble) throws -> Enclosure {
    let inside = x.lower.indices.map { i in
      x.lower[i] < point && point < x.upper[i] ? point : x.lower[i]
    }
    return try cornerImage([x], also: [evaluate(primitive, [inside], like: [x])])
  }

  /// |f(x) − f(c)| ≤ |x − c| for sin and cos, which stay in [−1, 1].
  private func lipschitz(_ x: Enclosure) throws -> Enclosure {
    let image = try cornerImage([x])
    var (lower, upper) = (image.lower, image.upper)
    for i in lower.indices where !x.isExact(i) && !image.isOpen(i) {
      let radius = DoubleDouble(x.radius(i))
      lower[i] = DoubleDouble.maximum(-1, image.center[i] - radius)
      upper[i] = DoubleDouble.minimum(1, image.center[i] + radius)
    }
    return Enclosure(out, center: image.center, lower: lower, upper: upper)
  }

  /// tan is monotone between poles: open when the ends lie on branches that differ.
  private func tangent(_ x: Enclosure) throws -> Enclosure {
    func branch(_ x: DoubleDouble) -> DoubleDouble { DoubleDouble.floor(x / .pi + 0.5) }
    return try opened(cornerImage([x]), x) { branch(x.lower[$0]) != branch(x.upper[$0]) }
  }

  /// log|Γ| is convex between its poles: its least value on an interval is not below the tangent at
  /// the left end.
  private func logGamma(_ x: Enclosure) throws -> Enclosure {
    let image = try opened(cornerImage([x]), x, where: x.holdsPole)
    var lower = image.lower
    for i in lower.indices where !x.isExact(i) && !image.isOpen(i) {
      let slope = DoubleDouble.minimum(0, DoubleDouble.digamma(x.lower[i]))
      // Rising on the whole interval: the left end is the least.
      guard slope < 0 else { continue }
      let left = DoubleDouble.logGamma(x.lower[i])
      lower[i] = DoubleDouble.minimum(lower[i], left + slope * (x.upper[i] - x.lower[i]))
    }
    return Enclosure(out, center: image.center, lower: lower, upper: image.upper)
  }

  /// Derivatives of digamma are monotone on the positive axis, where they have no pole.
  func polygamma(_ x: Enclosure) throws -> Enclosure {
    let x = perturbed(x, by: model.polygamma.backward)
    let image = try opened(cornerImage([x]), x) { x.lower[$0] <= 0 }
    return widened(image, ulps: model.polygamma.ulps)
  }

  /// `x` with every interval widened by `units` of u|x|: the backward error of a function.
  private func perturbed(_ x: Enclosure, by units: Double) -> Enclosure {
    guard units > 0, let precision = Precision(x.aval.dtype) else { return x }
    let relative = DoubleDouble(units * precision.unitRoundoff)
    func moved(_ bound: DoubleDouble, _ sign: DoubleDouble) -> DoubleDouble {
      bound.isFinite ? bound + sign * relative * DoubleDouble.absolute(bound) : bound
    }
    return Enclosure(
      x.aval, center: x.center, lower: x.lower.map { moved($0, -1) },
      upper: x.upper.map { moved($0, 1) })
  }

  private func opened(
    _ image: Enclosure, _ x: Enclosure, where isOpen: (Int) -> Bool
  ) -> Enclosure {
    var (lower, upper) = (image.lower, image.upper)
    for i in lower.indices where !x.isExact(i) && isOpen(i) { (lower[i], upper[i]) = wholeLine }
    return Enclosure(out, center: image.center, lower: lower, upper: upper)
  }

  /// xⁿ by repeated squaring rounds once per product, and once more for a reciprocal.
  func integerPow(_ n: Int, _ x: Enclosure) throws -> Enclosure {
    guard x.aval.dtype.isInexact else { return try wholeNumber([x]) }
    let image = n % 2 == 0 ? try image(x, minimumAt: 0) : try cornerImage([x])
    let safe = n < 0 ? opened(image, x) { x.lower[$0] <= 0 && x.upper[$0] >= 0 } : image
    // Rounding k times in turn costs a factor (1 + u)^k, and u|y| is at most one ulp(y).
    return widened(
      safe, ulps: Double(productCount(n.magnitude)) + (n < 0 ? 1 : 0), isExact: x.isZero)
  }

  /// Multiplications in the binary method: one per bit after the first, one more per further 1.
  private func productCount(_ n: UInt) -> Int {
    n < 2 ? 0 : UInt.bitWidth - n.leadingZeroBitCount - 1 + n.nonzeroBitCount - 1
  }

  func binary(_ op: Binary, _ x: Enclosure, _ y: Enclosure) throws -> Enclosure {
    // The ends of booleans are all their values.
    if x.aval.dtype == .bool { return try cornerImage([x, y]) }
    guard x.aval.dtype.isInexact else { return try wholeNumber([x, y]) }
    if op == .nextafter { return nextAfter(x, y) }
    let image = try op == .sub && x.origin === y.origin ? selfDifference(x) : cornerImage([x, y])
    func at(_ e: Enclosure, _ i: Int) -> Int { e.aval.rank == 0 ? 0 : i }
    func opened(where isOpen: (Int, Int) -> Bool) -> Enclosure {
      var (lower, upper) = (image.lower, image.upper)
      for i in lower.indices where !(x.isExact(at(x, i)) && y.isExact(at(y, i))) {
        if isOpen(at(x, i), at(y, i)) { (lower[i], upper[i]) = wholeLine }
      }
      return Enclosure(out, center: image.center, lower: lower, upper: upper)
    }
    let ulps = model.error(op).ulps
    switch op {
    case .max, .min, .and, .or, .xor, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic,
      .nextafter:
      return image
    // x ± 0 is x: scans put their parts together by such sums, and compare them afterwards.
    case .add, .addAny:
      return widened(image, ulps: ulps) { x.isZero(at(x, $0)) || y.isZero(at(y, $0)) }
    case .sub:
      return widened(image, ulps: ulps) {
        x.isZero(at(x, $0)) || y.isZero(at(y, $0)) || image.isZero($0) && x.origin === y.origin
      }
    // 0 times a finite number is 0.
    case .mul:
      return widened(image, ulps: ulps) { x.isZero(at(x, $0)) || y.isZero(at(y, $0)) }
    case .div:
      return widened(opened { _, j in y.lower[j] <= 0 && y.upper[j] >= 0 }, ulps: ulps)
    case .pow: return widened(opened { i, _ in x.lower[i] <= 0 }, ulps: ulps)
    case .atan2:
      return widened(
        opened { i, j in y.lower[j] <= 0 && x.lower[i] <= 0 && x.upper[i] >= 0 }, ulps: ulps)
    case .rem: return widened(opened { _, _ in true }, ulps: ulps)
    }
  }

  /// The next number is one of the dtype, so it is found there: exactly from exact operands, and at
  /// most one step beyond an interval.
  private func nextAfter(_ x: Enclosure, _ y: Enclosure) -> Enclosure {
    func at(_ e: Enclosure, _ i: Int) -> Int { e.aval.rank == 0 ? 0 : i }
    func next(_ x: DoubleDouble, _ y: DoubleDouble) -> DoubleDouble {
      out.dtype == .f32
        ? DoubleDouble(Float.nextAfter(Float(x), toward: Float(y)))
        : DoubleDouble(Double.nextAfter(Double(x), toward: Double(y)))
    }
    var bounds: [(center: DoubleDouble, lower: DoubleDouble, upper: DoubleDouble)] = []
    for i in 0..<out.size {
      let (i, j) = (at(x, i), at(y, i))
      let center = next(x.center[i], y.center[j])
      let isExact = x.isExact(i) && y.isExact(j)
      let interval: (lower: DoubleDouble, upper: DoubleDouble) =
        isExact
        ? span([next(x.lower[i], y.lower[j])])
        : x.isOpen(i) || y.isOpen(j) || center.isNaN
          ? wholeLine : (next(x.lower[i], -.infinity), next(x.upper[i], .infinity))
      bounds.append((center, interval.lower, interval.upper))
    }
    return Enclosure(
      out, center: bounds.map(\.center), lower: bounds.map(\.lower), upper: bounds.map(\.upper))
  }

  /// Rounds nothing but what it is asked to, in the dtype itself, whose subnormal numbers have bits
  /// of their own; monotone.
  func reducePrecision(_ x: Enclosure, _ exponentBits: Int, _ mantissaBits: Int) -> Enclosure {
    func reduced(_ x: DoubleDouble) -> DoubleDouble {
      func reduced<S: Scalar>(_ x: S) -> DoubleDouble {
        S.reducePrecision(x, exponentBits: exponentBits, mantissaBits: mantissaBits).doubleDouble
      }
      return out.dtype == .f32 ? reduced(Float(x)) : reduced(Double(x))
    }
    return Enclosure(
      out, center: x.center.map(reduced), lower: x.lower.map(reduced), upper: x.upper.map(reduced))
  }

  /// x − x is 0 where x is finite for certain.
  private func selfDifference(_ x: Enclosure) throws -> Enclosure {
    let image = try cornerImage([x, x])
    var (lower, upper) = (image.lower, image.upper)
    for i in lower.indices where x.lower[i].isFinite && x.upper[i].isFinite {
      (lower[i], upper[i]) = (0, 0)
    }
    return Enclosure(out, center: image.center, lower: lower, upper: upper)
  }

  /// Whole numbers are computed exactly from exact operands; otherwise nothing is known.
  func wholeNumber(_ x: [Enclosure]) throws -> Enclosure {
    let center = try evaluate(primitive, x.map(\.center), like: x)
    guard !x.allSatisfy(\.isExact) else {
      let exact = try evaluate(primitive, x.map(\.lower), like: x)
      return Enclosure(out, center: center, lower: exact, upper: exact)
    }
    let everything = center.map { _ in DoubleDouble.infinity }
    return Enclosure(out, center: center, lower: everything.map { -$0 }, upper: everything)
  }

  /// Rounded to a narrower format; a wider one holds every number. From reals to whole numbers the
  /// conversion is monotone; among whole numbers the negative ones wrap.
  func convert(_ x: Enclosure) throws -> Enclosure {
    if x.aval == out { return x }
    let image = try cornerImage([x])
    switch (x.aval.dtype, out.dtype) {
    case (.f64, .f32), (.i32, .f32), (.u32, .f32): return widened(image, ulps: ErrorModel.rounded)
    case (.f32, .bool), (.f64, .bool), (.i32, .bool), (.u32, .bool): return truth(x, image)
    case (.i32, .u32), (.u32, .i32):
      let fits = x.lower.indices.allSatisfy { x.lower[$0] >= 0 && x.upper[$0] <= 0x7fff_ffff }
      return fits ? image : try wholeNumber([x])
    case (.f32, _), (.f64, _), (.i32, _), (.u32, _), (.bool, _): return image
    }
  }

  /// x ≠ 0: false is possible where 0 lies between the ends.
  private func truth(_ x: Enclosure, _ image: Enclosure) -> Enclosure {
    let lower = x.lower.indices.map { i in
      x.lower[i] < 0 && x.upper[i] > 0 ? 0 : image.lower[i]
    }
    return Enclosure(out, center: image.center, lower: lower, upper: image.upper)
  }
}

extension Enclosure {
  /// Whether element `i` is zero exactly.
  fileprivate func isZero(_ i: Int) -> Bool { lower[i] == 0 && upper[i] == 0 }

  /// Whether a whole number ≤ 0, a pole of Γ, lies in interval `i`.
  fileprivate func holdsPole(_ i: Int) -> Bool {
    lower[i] <= 0 && DoubleDouble.ceil(lower[i]) <= upper[i]
  }
}
