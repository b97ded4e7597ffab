// The optimisers of linesearch.h5, which evaluate the function that they minimise.
//
// A free run goes its own way: its updates move the parameters. A led one is put back at given
// parameters before each step, so that what a step may be off by is what that step and the memory of
// given places may be: in ten free steps of f32 enclosures grow until no branch is decided.

import Core
import Optim
import Tree

extension Catalogue {
  static var searchEntries: [String: Entry] {
    let known = searchKeywords.union(["led", "memory_size", "scale_init_precond", "steps"])
    return Dictionary(
      uniqueKeysWithValues: [
        optaxEntry("lbfgs", known, 6...6) { p in
          let optimiser = try lbfgs(
            memorySize: p.whole("memory_size", 10),
            scaleInitPrecond: p.flag("scale_init_precond", true), linesearch: p.zoom())
          let run = try SearchRun(p)
          return { try run.results(optimiser, $0) }
        },
        optaxEntry("zoom_linesearch", searchKeywords.union(["led", "size", "steps"]), 6...6) { p in
          let optimiser = try chain(scale(Hyperparameter(-p.number("size", 1))), p.zoom())
          let run = try SearchRun(p)
          return { try run.results(optimiser, $0) }
        },
      ])
  }

  private static let searchKeywords: Set = [
    "approx_dec_rtol", "initial_guess_strategy", "max_learning_rate", "max_linesearch_steps",
  ]
}

extension KeywordParameters {
  /// The line search of these keywords.
  fileprivate func zoom() throws -> ScaleByZoomLinesearch {
    scaleByZoomLinesearch(
      maxLinesearchSteps: try whole("max_linesearch_steps", 20),
      maxLearningRate: try number("max_learning_rate"),
      approxDecRtol: try flag("approx_dec_rtol", true) ? 1e-6 : nil,
      initialGuessStrategy: try word("initial_guess_strategy") == "keep" ? .keep : .one)
  }
}

/// Steps along Σ w (x − 1)² + (Σ x)⁴ / 100: each number has a curvature of its own, all are tied.
private struct SearchRun {
  let steps: Int
  let isLed: Bool

  init(_ p: KeywordParameters) throws {
    (steps, isLed) = try (p.whole("steps"), p.flag("led", false))
    guard steps > 0 else { throw KeywordValue.wrong("steps", "positive") }
  }

  /// The updates and states for parameters `x[0..<3]`, stacked where they lead, and curvatures.
  func results<O: GradientTransformation>(_ optimiser: O, _ x: [Tensor]) throws -> [Tensor] {
    let f = objective(Array(x.dropFirst(3)))
    let derivative = filterValueAndGrad { (tree: MixedTree) in try f(tree) }
    var model = try place(0, x)
    var state = try optimiser.initialise(model)
    var record = UpdateRecord(steps: steps)
    for step in 0..<steps {
      if isLed { model = try place(step, x) }
      let (value, gradient) = try derivative(model)
      let updates = try optimiser.update(gradient, &state, model, value: value, function: f)
      model = try applyUpdates(model, updates)
      record.add(updates.values, state)
    }
    return try record.results
  }

  private func place(_ step: Int, _ x: [Tensor]) throws -> MixedTree {
    let at = try x.prefix(3).map { isLed ? try $0[step] : $0 }
    return MixedTree(matrix: at[0], vector: at[1], scalar: at[2])
  }

  private func objective(_ weights: [Tensor]) -> (MixedTree) throws -> Tensor {
    { tree in
      let xs = tree.leaves.compactMap(\.tensor)
      let squares = try zip(xs, weights).map { x, w in try sum(w * square(x - 1.0)) }
      let total = try xs.dropFirst().reduce(sum(xs[0])) { try $0 + sum($1) }
      return try squares.reduce(0.01 * integerPow(total, 4)) { try $0 + $1 }
    }
  }
}
