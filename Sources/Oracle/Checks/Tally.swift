// Many comparisons of numbers under one law, gathered to one finding.
//
// Each comparison brings its own derived allowance. The worst is the one that uses most of its
// allowance. There is no absolute term anywhere: a derivative that is exactly zero must be met by
// an exact zero, up to the rounding bound of whoever computed the other side.

import Core
import Foundation

/// A running summary of comparisons.
struct Tally {
  private(set) var compared = 0
  private(set) var undecided = 0
  private var worst: (use: Double, observed: Double, allowed: Double, place: String)?
  /// The smallest relative fault of everything at once, and of the least visible element, seen.
  private var threshold = Double.infinity
  private var hardest = 0.0
  private(set) var isZero = true
  /// Set where findings are to be told in units of the roundoff of a dtype.
  var unitRoundoff: Double?

  /// Compares what the rule says with what is expected, under `allowance`.
  ///
  /// Where the expectation or the allowance is not finite nothing can be decided; a rule that is
  /// not finite where the expectation is, fails.
  mutating func compare(
    _ rule: DoubleDouble, _ expected: DoubleDouble, allowance: Double,
    _ place: @autoclosure () -> String
  ) {
    guard expected.isFinite, allowance.isFinite else {
      undecided += 1
      return
    }
    compared += 1
    let difference = rule.isFinite ? (rule - expected).hi.magnitude : .infinity
    let size = rule.isFinite ? max(rule.hi.magnitude, expected.hi.magnitude) : expected.hi.magnitude
    if size != 0 { isZero = false }
    noteThreshold(difference + allowance, of: rule.hi.magnitude)
    let use = difference <= allowance ? (allowance == 0 ? 0 : difference / allowance) : .infinity
    let excess = use.isFinite ? use : 1 + difference / max(allowance, .leastNonzeroMagnitude)
    guard excess > worst?.use ?? -1 else { return }
    let scale = (size == 0 ? 1 : size) * (unitRoundoff ?? 1)
    worst = (
      excess, difference / scale, allowance / scale,
      "\(place()): \(rule) from the rule, \(expected) ± \(short(allowance)) expected"
    )
  }

  /// Whether any comparison exceeded its allowance.
  var hasFailed: Bool { (worst?.use ?? 0) > 1 }

  /// A fault ε of the rule moves it by ε|rule|; it is certain to be seen from (allowance +
  /// difference)/|rule| on.
  private mutating func noteThreshold(_ margin: Double, of size: Double) {
    guard size > 0, size.isFinite else { return }
    threshold = min(threshold, margin / size)
    hardest = max(hardest, margin / size)
  }

  /// The finding: passed or failed by the worst comparison, vacuous where nothing was compared.
  func finding(
    subject: String, family: String, check: String, passed: Verdict = .pass, note: String = ""
  ) -> Finding {
    let remarks = [
      note, isZero && compared > 0 ? "exactly zero on both sides" : "",
      undecided > 0 ? "\(undecided) not decidable" : "",
      hardest > 0 && hardest > threshold ? "any single element from \(short(hardest))" : "",
      hasFailed || passed != .pass
        ? worst?.place ?? "" : worst.map { "worst at \($0.place)" } ?? "",
    ]
    return Finding(
      subject: subject, family: family, check: check,
      verdict: hasFailed ? .fail : compared == 0 ? .vacuous : passed,
      observed: worst?.observed ?? 0, allowed: worst?.allowed ?? 0,
      unit: unitRoundoff == nil ? "relative" : "u",
      detects: threshold.isFinite ? threshold : nil, compared: compared,
      detail: remarks.filter { !$0.isEmpty }.joined(separator: "; "))
  }
}

/// Two significant digits: 3.1e-25.
func short(_ x: Double) -> String { String(format: "%.2g", x) }
