// Cumulative reductions, sorts and other operations of several results.
//
// A prefix is a reduction of at most n elements, in any order of evaluation. Sorted keys are order
// statistics, which rise with every element: their ends are the sorted ends.

import Core

extension EnclosureRule {
  func cumulative(_ op: Cumulative, _ axis: Int, _ x: Enclosure) throws -> Enclosure {
    let count = x.aval.shape[axis]
    switch op {
    case .max, .min: return try image([x], along: .same)
    case .sum where x.aval.dtype.isInexact: return try sum(x, count)
    case .prod where x.aval.dtype.isInexact: return try product(x, count)
    case .sum, .prod: return try wholeNumber([x])
    case .logsumexp: return try logSumExp(x, count)
    }
  }

  /// z = max(a, b) + log1p(exp(−d)), d = |a − b|, moves no more than a and b do, so the errors of at
  /// most n − 1 steps add up. One step commits, with s = e⁻ᵈ/(1 + e⁻ᵈ) ≤ ½ the slope in the
  /// exponent and ulp ≤ 2u of a number below 2:
  ///   d (1 ± u): s d u ≤ u;   exp: s · 2u ulps(exp);   log1p ≤ ln 2: u ulps(log1p);   sum: u |z|,
  /// and |z| is at most the largest |x| + ln n.
  private func logSumExp(_ x: Enclosure, _ count: Int) throws -> Enclosure {
    let image = try image([x], along: .same)
    guard let precision = Precision(out.dtype), !x.lower.isEmpty else { return image }
    let largest =
      x.lower.indices.map { i in
        let size = x.magnitude(i)
        return size.isFinite ? Double(size) : 0
      }.max() ?? 0
    let functions = model.error(.exp, out.dtype).ulps + model.error(.log1p, out.dtype).ulps
    let perStep = 1 + functions + largest + Double(count).logarithm
    let steps = Double(max(count - 1, 0))
    let error = steps * (perStep * precision.unitRoundoff + 2 * model.underflow(precision))
    var (lower, upper) = (image.lower, image.upper)
    for i in lower.indices where !lower[i].isNaN {
      if !image.center[i].isFinite && !image.isExact(i) { (lower[i], upper[i]) = wholeLine }
      if lower[i].isFinite { lower[i] = lower[i] - DoubleDouble(error) }
      if upper[i].isFinite { upper[i] = upper[i] + DoubleDouble(error) }
      model.roundOut(&lower[i], &upper[i], precision)
    }
    return Enclosure(out, center: image.center, lower: lower, upper: upper)
  }

  /// From exact keys every operand is permuted alike. A lone key that is not exact has the order
  /// statistics of its ends; whatever else comes of keys that are not exact may be any of its line.
  func sort(_ x: [Enclosure], _ dimension: Int, numKeys: Int) throws -> [Enclosure] {
    let permuted = try movements(x, x.map(\.aval))
    guard !x.prefix(numKeys).allSatisfy(\.isExact) else { return permuted }
    return try x.indices.map { i in
      try numKeys == 1 && i == 0 && !x[0].lower.indices.contains(where: x[0].isOpen)
        ? permuted[0] : anyOfLine(x[i], dimension, center: permuted[i].center)
    }
  }

  /// The largest are order statistics too; the indices are certain only from exact operands.
  func topK(_ x: Enclosure, _ axis: Int, _ outs: [ShapedArray]) throws -> [Enclosure] {
    let found = try movements([x], outs)
    guard !x.isExact else { return found }
    let last = DoubleDouble(Double(x.aval.shape[axis] - 1))
    let indices = Enclosure(
      outs[1], center: found[1].center, lower: found[1].center.map { _ in 0 },
      upper: found[1].center.map { _ in last })
    guard x.lower.indices.contains(where: x.isOpen) else { return [found[0], indices] }
    let (lower, upper) = (found[0].center.map { _ in wholeLine.lower }, wholeLine.upper)
    return [
      Enclosure(outs[0], center: found[0].center, lower: lower, upper: lower.map { _ in upper }),
      indices,
    ]
  }

  /// Every result from the lower ends and from the upper ends of the operands.
  func movements(_ x: [Enclosure], _ outs: [ShapedArray]) throws -> [Enclosure] {
    let centers = try evaluateAll(primitive, x.map(\.center), like: x)
    let lower = try evaluateAll(primitive, x.map(\.lower), like: x)
    let upper = try evaluateAll(primitive, x.map(\.upper), like: x)
    return outs.indices.map {
      Enclosure(outs[$0], center: centers[$0], lower: lower[$0], upper: upper[$0])
    }
  }

  /// The span of the line that each element lies on; everything, if one of the line is unknown.
  private func anyOfLine(
    _ x: Enclosure, _ dimension: Int, center: [DoubleDouble]
  ) throws -> Enclosure {
    let strides = rowMajorStrides(x.aval.shape)
    let (step, n) = (strides[dimension], x.aval.shape[dimension])
    var (lower, upper) = (x.lower, x.upper)
    for i in lower.indices {
      let start = i - (i / step % n) * step
      let line = (0..<n).map { start + $0 * step }
      (lower[i], upper[i]) =
        line.contains(where: x.isOpen)
        ? wholeLine : span(line.flatMap { [x.lower[$0], x.upper[$0]] })
    }
    return Enclosure(x.aval, center: center, lower: lower, upper: upper)
  }
}

extension Double {
  /// ln of a count.
  fileprivate var logarithm: Double { Double(DoubleDouble.log(DoubleDouble(Swift.max(self, 1)))) }
}
