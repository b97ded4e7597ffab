// The factor between predicted and allowed drift: its formula, and that it errs on the safe side.

import Core
import Foundation
import Oracle
import TestSupport
import Testing

@Suite struct FalseAlarmTests {
  @Test func `the factor is the one whose probability is asked for`() {
    for samples in [4, 8, 32, 100] {
      for probability in [1e-3, 1e-9, 1e-13] {
        let factor = falseAlarmFactor(probability, samples: samples)
        let found = falseAlarmProbability(factor, samples: samples)
        #expect(found <= probability && found > probability * 0.999)
      }
    }
    // As many samples as one likes: the tail of a normal number, t exp((1 − t²)/2).
    let t = 4.0
    let limit = t * exp((1 - t * t) / 2)
    #expect(abs(falseAlarmProbability(t, samples: 1_000_000) / limit - 1) < 1e-3)
  }

  @Test func `normal vectors exceed the factor no oftener than it says`() {
    let samples = 8
    let probability = 0.05
    let factor = falseAlarmFactor(probability, samples: samples)
    let trials = 4000
    for weights in [[1.0], [1, 0.5], [1, 1, 1, 1, 1]] {
      var numbers = NormalNumbers(seed: 11, "false alarm", weights.count)
      func square() -> Double {
        weights.reduce(0) { sum, w in
          let x = w * numbers.next()
          return sum + x * x
        }
      }
      let alarms = (0..<trials).count { _ in
        let spread = (0..<samples).reduce(0) { sum, _ in sum + square() } / Double(samples)
        return square() > factor * factor * spread
      }
      // Five standard deviations of a count with that probability.
      let mean = probability * Double(trials)
      #expect(Double(alarms) < mean + 5 * mean.squareRoot(), "\(weights): \(alarms) of \(trials)")
      // The bound is safe by a factor of about 30 here; an alarm that never rings would be no alarm.
      if weights.count == 1 { #expect(alarms > 0) }
    }
  }

  @Test func `numbers for noise have mean 0 and variance 1`() {
    var numbers = NormalNumbers(seed: 3, "moments", 0)
    let drawn = (0..<100_000).map { _ in numbers.next() }
    let mean = drawn.reduce(0, +) / 1e5
    let variance = drawn.reduce(0) { $0 + $1 * $1 } / 1e5
    // Five standard deviations of both.
    #expect(abs(mean) < 5 / 1e5.squareRoot() && abs(variance - 1) < 5 * (2 / 1e5).squareRoot())
  }
}
