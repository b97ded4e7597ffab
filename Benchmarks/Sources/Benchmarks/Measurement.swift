// How a time is taken: repetitions of at least 20 ms each, their median, one JSON line.
//
// The median of the repetitions is what is quoted; minimum and maximum show how noisy the machine was,
// and so does `running`, the share of the wall time in which the process had a core.

import Foundation

/// What one process prints about itself.
struct Settings {
  /// How many threads OpenBLAS may use.
  var threads = 1
}

/// Seconds per call, one entry per repetition.
struct Measurement {
  private(set) var samples: [Double] = []
  /// Processor seconds per call: what a busy machine does not lengthen, for one thread.
  private(set) var processor: [Double] = []
  /// How many calls one repetition makes.
  let inner: Int

  /// Calls per repetition so that one lasts at least 20 ms; the trial also warms up.
  init(of body: () throws -> Void) rethrows {
    try body()
    // The first calls say little of the later ones, so the count is doubled until it lasts.
    var calls = 1
    while try seconds({ for _ in 0..<calls { try body() } }).processor < 0.020 { calls *= 2 }
    inner = calls
  }

  /// One repetition.
  mutating func sample(_ body: () throws -> Void) rethrows {
    let time = try seconds { for _ in 0..<inner { try body() } }
    samples.append(time.wall / Double(inner))
    processor.append(time.processor / Double(inner))
  }

  /// Processor time over wall time: below 1 on one thread, the process waited for a core.
  var share: Double { processor.reduce(0, +) / max(samples.reduce(0, +), 1e-12) }

  /// Each repetition over the one of `other` that was taken beside it.
  func divided(by other: Measurement) -> Measurement {
    var ratio = self
    ratio.samples = zip(samples, other.samples).map { $0 / $1 }
    ratio.processor = zip(processor, other.processor).map { $0 / $1 }
    return ratio
  }

  /// `repetitions` samples of `body`.
  static func repeated(_ repetitions: Int, _ body: () throws -> Void) rethrows -> Measurement {
    var measurement = try Measurement(of: body)
    for _ in 0..<repetitions { try measurement.sample(body) }
    return measurement
  }
}

/// The time that `body` takes, by the clock on the wall and by the processor's.
func seconds(_ body: () throws -> Void) rethrows -> (wall: Double, processor: Double) {
  let start = clock()
  let time = try ContinuousClock().measure(body).components
  let processor = Double(clock() - start) / Double(CLOCKS_PER_SEC)
  return (Double(time.seconds) + Double(time.attoseconds) * 1e-18, processor)
}

func median(_ xs: [Double]) -> Double {
  let sorted = xs.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// Prints one measure; `value` turns the seconds of one call into `unit`.
func report(
  _ suite: String, _ measure: String, peer: String = "assay", _ settings: Settings, unit: String,
  _ measurement: Measurement, target: String? = nil, _ value: (Double) -> Double
) {
  let values = measurement.samples.map(value)
  var fields = [
    ("suite", quoted(suite)), ("measure", quoted(measure)), ("peer", quoted(peer)),
    ("threads", "\(settings.threads)"), ("unit", quoted(unit)), ("median", text(median(values))),
    ("min", text(values.min() ?? 0)), ("max", text(values.max() ?? 0)),
    ("reps", "\(values.count)"), ("inner", "\(measurement.inner)"),
    ("processor_median", text(median(measurement.processor.map(value)))),
    ("running", text(measurement.share)),
  ]
  if let target { fields.append(("target", quoted(target))) }
  print("{" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}")
}

private func quoted(_ text: String) -> String { "\"\(text)\"" }

/// Four decimals.
private func text(_ x: Double) -> String { "\((x * 1e4).rounded() / 1e4)" }
