// The transformations of optim.h5 that are made of others: some leaves, some gradients, some names.
//
// What is inside is fixed here and in tools/golden/cases/optim.py; the parameters say which of several.

import Core
import Optim
import Tree

extension Catalogue {
  static var wrapperRecipes: [String: OptimiserRecipe] {
    [
      "apply_if_finite": OptimiserRecipe(["max_consecutive_errors"]) {
        try applyIfFinite(adam(0.05), maxConsecutiveErrors: $0.whole("max_consecutive_errors"))
      },
      "inject_hyperparams": OptimiserRecipe([
        "b1", "b2", "eps", "eps_root", "learning_rate", "schedule",
      ]) { p in
        var numbers = try ["b1", "b2", "eps", "eps_root"].map { ($0, try p.rate($0)) }
        let rate = try p.number("learning_rate").map { LearningRate.constant($0) }
        numbers.append(("learning_rate", try rate ?? .schedule(p.warmupCosine())))
        return injectHyperparams(Dictionary(uniqueKeysWithValues: numbers)) { h in
          adam(
            try h.learning_rate, b1: try h.b1, b2: try h.b2, eps: try h.eps,
            epsRoot: try h.eps_root)
        }
      },
      "masked": OptimiserRecipe(["inner"]) { p in
        let matrices = Mask { _, x in x.rank == 2 }
        switch try p.word("inner") {
        case "adam": return masked(adam(0.05), mask: matrices)
        case "decay":
          return chain(
            masked(addDecayedWeights(0.1), mask: matrices), sgd(0.05, momentum: 0.9))
        case let other:
          throw KeywordValue.wrong("inner", "'adam' or 'decay', got \(other ?? "nil")")
        }
      },
      "named_chain": OptimiserRecipe(["max_norm"]) {
        try namedChain(
          ("z", clipByGlobalNorm($0.real("max_norm", 1))), ("m", scaleByAdam()),
          ("a", trace(decay: 0.5)))
      },
      "partition": OptimiserRecipe(["labels"]) { p in
        let labels = try p.list("labels").map { label -> String in
          guard case .word(let label) = label else { throw KeywordValue.wrong("labels", "words") }
          return label
        }
        guard labels.count == 3 else { throw KeywordValue.wrong("labels", "three words") }
        return partition(
          ["adam": adam(0.05), "momentum": sgd(0.1, momentum: 0.9), "zero": setToZero()],
          // Matrix, vector, scalar.
          Labels { _, x in labels[2 - x.rank] })
      },
    ]
  }

  static var lookaheadEntries: [String: Entry] {
    let known: Set = ["reset_state", "slow_step_size", "sync_period"]
    let entry = optaxEntry("lookahead", known, 6...6) { p in
      let optimiser = try lookahead(
        adam(0.05), syncPeriod: p.whole("sync_period"),
        slowStepSize: p.real("slow_step_size", 0.5), resetState: p.flag("reset_state", false))
      return { x in
        // Of the fast tree and then the slow one.
        try tenUpdates(x, of: { LookaheadParams(synced: $0) }, optimiser.initialise) {
          try optimiser.update($0, &$1, $2)
        }
      }
    }
    return [entry.0: entry.1]
  }
}
