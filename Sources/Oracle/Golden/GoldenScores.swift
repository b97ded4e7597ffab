// The scores of one program at one label: of JAX eager, JAX compiled, and each backend.

import Core

/// Who is scored, and how each fared.
struct GoldenScores {
  /// What the findings are kept by.
  struct Key: Hashable, Comparable {
    let program: String
    let label: String

    static func < (a: Key, b: Key) -> Bool { (a.program, a.label) < (b.program, b.label) }
  }

  private let backends: [AuditedBackend]
  private var jax = GoldenTally()
  private var noise = GoldenTally()
  private var ours: [GoldenTally]

  init(_ backends: [AuditedBackend]) {
    self.backends = backends
    ours = backends.map { _ in GoldenTally() }
  }

  /// Scores one variant. `place` is where its results stand: `<file>:/<case>/out`.
  /// - Throws: `GoldenError` when results are missing or are not those of the program.
  mutating func add(
    _ golden: GoldenCase, _ variant: GoldenVariant, _ place: String, _ file: String
  ) throws {
    let run: GoldenRun
    do {
      run = try GoldenRun(golden, variant)
    } catch {
      for index in ours.indices { ours[index].refuse("\(place): \(error)") }
      return
    }
    try requireResults(run, golden, variant, file)
    let diverges = !NamedDivergence.covering(golden).isEmpty
    for part in run.parts {
      try score(part, variant, place, diverges)
    }
  }

  /// The datasets under out/<label> are the program's results, no more, no fewer, and of its types.
  private func requireResults(
    _ run: GoldenRun, _ golden: GoldenCase, _ variant: GoldenVariant, _ file: String
  ) throws {
    for (prefix, stored) in [("", variant.outputs), ("jit_", variant.compiled)] {
      if stored.isEmpty && !prefix.isEmpty { continue }
      let group = "\(golden.path)/out/\(prefix)\(variant.label)"
      var unexplained = Set(stored.keys)
      for (name, aval) in run.parts.flatMap({ zip($0.names, $0.jaxpr.outAvals) }) {
        guard let found = stored[name] else {
          throw GoldenError(file, "\(group)/\(name)", "no such dataset")
        }
        guard found.aval == aval else {
          throw GoldenError(
            file, "\(group)/\(name)", "is \(found.aval), the program gives \(aval)")
        }
        unexplained.remove(name)
      }
      if let name = unexplained.sorted().first {
        throw GoldenError(file, "\(group)/\(name)", "is no result of the program")
      }
    }
  }

  private mutating func score(
    _ part: GoldenRun.Part, _ variant: GoldenVariant, _ place: String, _ diverges: Bool
  ) throws {
    let (eager, compiled) = ("\(place)/\(variant.label)", "\(place)/jit_\(variant.label)")
    let allowedJAX = try enclose(part.jaxpr, part.inputs, model: .jax)
    let goldens = part.names.map { variant.outputs[$0]?.storage.exact ?? [] }
    let noises = part.names.map { variant.compiled[$0]?.storage.exact ?? [] }
    for (output, name) in part.names.enumerated() {
      judge(&jax, goldens[output], allowedJAX[output], "\(eager)/\(name)", diverges)
      judge(&noise, noises[output], allowedJAX[output], "\(compiled)/\(name)", diverges)
    }
    for (index, backend) in backends.enumerated() {
      let allowed = try enclose(part.jaxpr, part.inputs, model: backend.model)
      let results = try backend.backend.compile(part.jaxpr).run(part.inputs)
      for (output, name) in part.names.enumerated() {
        judgeOurs(
          &ours[index], results[output].storage.exact, goldens[output], allowed[output],
          "\(eager)/\(name)", diverges)
      }
    }
  }

  private func judge(
    _ tally: inout GoldenTally, _ numbers: [DoubleDouble], _ enclosure: Enclosure,
    _ place: String, _ diverges: Bool
  ) {
    tally.noteSensitivity(numbers, enclosure)
    for (i, number) in numbers.enumerated() {
      tally.judge(
        number, i, enclosure, chosen: nil, upstreamDiverges: diverges, isUpstream: true
      ) {
        "\(at(place, i, enclosure)): golden \(text(number)), \(bounds(i, enclosure))"
      }
    }
  }

  private func judgeOurs(
    _ tally: inout GoldenTally, _ numbers: [DoubleDouble], _ goldens: [DoubleDouble],
    _ enclosure: Enclosure, _ place: String, _ diverges: Bool
  ) {
    tally.noteSensitivity(numbers, enclosure)
    for (i, number) in numbers.enumerated() {
      tally.judge(
        number, i, enclosure, chosen: goldens[i], upstreamDiverges: diverges, isUpstream: false
      ) {
        "\(at(place, i, enclosure)): golden \(text(goldens[i])), ours \(text(number)), "
          + bounds(i, enclosure)
      }
    }
  }

  private func at(_ place: String, _ i: Int, _ enclosure: Enclosure) -> String {
    "\(place)\(multiIndex(i, enclosure.aval.shape))".replacing(" ", with: "")
  }

  private func bounds(_ i: Int, _ enclosure: Enclosure) -> String {
    "truth \(text(enclosure.center[i])), allowed "
      + (enclosure.isOpen(i)
        ? "JAX's convention" : "[\(text(enclosure.lower[i])), \(text(enclosure.upper[i]))]")
  }

  private func text(_ x: DoubleDouble) -> String { "\(Double(x))" }
}

extension GoldenScores {
  /// One finding per implementation.
  func findings(_ key: Key, family: String) -> [Finding] {
    var all = zip(backends, ours).map { finding($1, key, family, check: "golden \($0.model.name)") }
    all.append(finding(jax, key, family, check: "golden jax"))
    if noise.compared > 0 {
      all.append(finding(noise, key, family, check: "noise", fails: false))
    }
    return all
  }

  private func finding(
    _ tally: GoldenTally, _ key: Key, _ family: String, check: String, fails: Bool = true
  ) -> Finding {
    var details = tally.refusal.map { [$0] } ?? []
    if let failure = tally.failure {
      details.append(failure + (tally.failures > 1 ? " (and \(tally.failures - 1) more)" : ""))
    }
    if tally.byConvention > 0 { details.append("\(tally.byConvention) by convention") }
    if tally.divergent > 0 { details.append("\(tally.divergent) named divergences") }
    return Finding(
      subject: "\(key.program) \(key.label)", family: family, check: check,
      verdict: fails && tally.failures > 0 ? .fail : .pass, observed: tally.worst.error,
      allowed: tally.worst.allowed, unit: "ulp", detects: tally.detects, compared: tally.compared,
      detail: details.joined(separator: "; "))
  }
}
