// The schedules of losses.h5: one number for each count of a vector.

import Core
import Optim

extension Catalogue {
  static let scheduleEntries: [String: Entry] = {
    let all = plainSchedules.merging(pieceSchedules) { one, _ in one }
      .merging(joinedSchedules) { one, _ in one }
    return Dictionary(
      uniqueKeysWithValues: all.map { name, recipe in
        optaxEntry(name, recipe.keywords, 1...1) { p in
          let schedule = try recipe.make(p)
          return { [try values(of: schedule, at: $0[0], p.dtype?.dtype ?? .f32)] }
        }
      })
  }()

  private static var plainSchedules: [String: Recipe] {
    let line: Set = ["end_value", "init_value", "transition_begin", "transition_steps"]
    return [
      "constant_schedule": Recipe(["value"]) { constantSchedule(try $0.required("value")) },
      "linear_schedule": Recipe(line) {
        try linearSchedule(
          initValue: $0.required("init_value"), endValue: $0.required("end_value"),
          transitionSteps: $0.whole("transition_steps"),
          transitionBegin: $0.whole("transition_begin", 0))
      },
      "polynomial_schedule": Recipe(line.union(["power"])) {
        try polynomialSchedule(
          initValue: $0.required("init_value"), endValue: $0.required("end_value"),
          power: $0.required("power"), transitionSteps: $0.whole("transition_steps"),
          transitionBegin: $0.whole("transition_begin", 0))
      },
      "cosine_decay_schedule": Recipe(["alpha", "decay_steps", "exponent", "init_value"]) {
        try cosineDecaySchedule(
          initValue: $0.required("init_value"), decaySteps: $0.whole("decay_steps"),
          alpha: $0.number("alpha", 0), exponent: $0.number("exponent", 1))
      },
      "exponential_decay": Recipe(exponential.union(["init_value"])) {
        try exponentialDecay(
          initValue: $0.required("init_value"), transitionSteps: $0.whole("transition_steps"),
          decayRate: $0.required("decay_rate"), transitionBegin: $0.whole("transition_begin", 0),
          staircase: $0.flag("staircase", false), endValue: $0.number("end_value"))
      },
    ]
  }

  private static var exponential: Set<String> {
    ["decay_rate", "end_value", "staircase", "transition_begin", "transition_steps"]
  }

  private static var pieceSchedules: [String: Recipe] {
    [
      "piecewise_constant_schedule": Recipe(["boundaries_and_scales", "init_value"]) {
        try piecewiseConstantSchedule(
          initValue: $0.required("init_value"), boundariesAndScales: $0.scales())
      },
      "piecewise_interpolate_schedule": Recipe(
        ["boundaries_and_scales", "init_value", "interpolate_type"]
      ) {
        guard let kind = Interpolation(rawValue: try $0.word("interpolate_type") ?? "") else {
          throw KeywordValue.wrong("interpolate_type", "linear or cosine")
        }
        return try piecewiseInterpolateSchedule(
          kind, initValue: $0.required("init_value"), boundariesAndScales: $0.scales())
      },
      "linear_onecycle_schedule": Recipe(
        [
          "div_factor", "final_div_factor", "pct_final", "pct_start", "peak_value",
          "transition_steps",
        ]
      ) {
        try linearOnecycleSchedule(
          transitionSteps: $0.whole("transition_steps"), peakValue: $0.required("peak_value"),
          pctStart: $0.number("pct_start", 0.3), pctFinal: $0.number("pct_final", 0.85),
          divFactor: $0.number("div_factor", 25),
          finalDivFactor: $0.number("final_div_factor", 1e4))
      },
      "cosine_onecycle_schedule": Recipe(
        ["div_factor", "final_div_factor", "pct_start", "peak_value", "transition_steps"]
      ) {
        try cosineOnecycleSchedule(
          transitionSteps: $0.whole("transition_steps"), peakValue: $0.required("peak_value"),
          pctStart: $0.number("pct_start", 0.3), divFactor: $0.number("div_factor", 25),
          finalDivFactor: $0.number("final_div_factor", 1e4))
      },
    ]
  }

  private static var joinedSchedules: [String: Recipe] {
    let start: Set = ["init_value", "peak_value", "warmup_steps"]
    return [
      "warmup_constant_schedule": Recipe(start) {
        try warmupConstantSchedule(
          initValue: $0.required("init_value"), peakValue: $0.required("peak_value"),
          warmupSteps: $0.whole("warmup_steps"))
      },
      "warmup_cosine_decay_schedule": Recipe(
        start.union(["decay_steps", "end_value", "exponent"])
      ) {
        let cycle = try $0.cycle()
        return try warmupCosineDecaySchedule(
          initValue: cycle.initValue, peakValue: cycle.peakValue, warmupSteps: cycle.warmupSteps,
          decaySteps: cycle.decaySteps, endValue: cycle.endValue, exponent: cycle.exponent)
      },
      "warmup_exponential_decay_schedule": Recipe(start.union(exponential)) {
        try warmupExponentialDecaySchedule(
          initValue: $0.required("init_value"), peakValue: $0.required("peak_value"),
          warmupSteps: $0.whole("warmup_steps"), transitionSteps: $0.whole("transition_steps"),
          decayRate: $0.required("decay_rate"), transitionBegin: $0.whole("transition_begin", 0),
          staircase: $0.flag("staircase", false), endValue: $0.number("end_value"))
      },
      "sgdr_schedule": Recipe(["cosine_kwargs"]) {
        try sgdrSchedule(
          $0.list("cosine_kwargs").map { cycle in
            guard case .table(let args) = cycle else {
              throw KeywordValue.wrong("cosine_kwargs", "a list of tables")
            }
            return try KeywordParameters(args: args, dtype: nil).cycle()
          })
      },
    ]
  }
}

/// The keywords of a schedule and how it is made.
private struct Recipe: Sendable {
  let keywords: Set<String>
  let make: @Sendable (KeywordParameters) throws -> Schedule

  init(
    _ keywords: Set<String>, _ make: @escaping @Sendable (KeywordParameters) throws -> Schedule
  ) {
    (self.keywords, self.make) = (keywords, make)
  }
}

extension KeywordParameters {
  /// Pairs of a boundary and a scale.
  fileprivate func scales() throws -> [Int: Double] {
    let key = "boundaries_and_scales"
    let pairs = try list(key).map { pair -> (Int, Double) in
      guard case .list(let two) = pair, two.count == 2,
        let boundary = Int(exactly: try two[0].number(key))
      else { throw KeywordValue.wrong(key, "a list of pairs") }
      return (boundary, try two[1].number(key))
    }
    return Dictionary(pairs, uniquingKeysWith: { _, last in last })
  }

  /// The numbers of a warm-up and a cosine.
  fileprivate func cycle() throws -> CosineCycle {
    try CosineCycle(
      initValue: required("init_value"), peakValue: required("peak_value"),
      warmupSteps: whole("warmup_steps"), decaySteps: whole("decay_steps"),
      endValue: number("end_value", 0), exponent: number("exponent", 1))
  }
}

/// The schedule at each count.
private func values(of schedule: Schedule, at counts: Tensor, _ dtype: DType) throws -> Tensor {
  guard counts.rank == 1, counts.dtype == .i32 else {
    throw TraceError.illTyped("counts must be i32[n], got \(counts.aval)")
  }
  return try stack((0..<counts.shape[0]).map { try schedule(counts[$0], dtype: dtype) })
}
