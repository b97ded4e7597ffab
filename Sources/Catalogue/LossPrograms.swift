// The losses of losses.h5: predictions, then targets or labels, then whatever else a loss takes; a mask
// comes last.

import Core
import Optim

extension Catalogue {
  static let lossEntries: [String: Entry] = {
    let all = regressionLosses.merging(entropyLosses) { one, _ in one }
      .merging(marginLosses) { one, _ in one }
      .merging(structuredLosses) { one, _ in one }
    return Dictionary(
      uniqueKeysWithValues: all.map { name, recipe in
        optaxEntry(name, recipe.keywords, recipe.arity) { p in
          { try recipe.results($0, p) }
        }
      })
  }()

  private static var regressionLosses: [String: LossRecipe] {
    [
      "squared_error": LossRecipe(1...2) { x, _ in
        try squaredError(x[0], targets: x.dropFirst().first)
      },
      "l2_loss": LossRecipe(1...2) { x, _ in try l2Loss(x[0], targets: x.dropFirst().first) },
      "huber_loss": LossRecipe(1...2, ["delta"]) { x, p in
        try huberLoss(x[0], targets: x.dropFirst().first, delta: p.number("delta", 1))
      },
      "log_cosh": LossRecipe(1...2) { x, _ in try logCosh(x[0], targets: x.dropFirst().first) },
      "cosine_similarity": LossRecipe(2...3, ["axis", "epsilon"]) { x, p in
        try cosineSimilarity(
          x[0], targets: x[1], epsilon: p.number("epsilon", 0), axes: p.axes(),
          where: x.dropFirst(2).first)
      },
      "cosine_distance": LossRecipe(2...3, ["axis", "epsilon"]) { x, p in
        try cosineDistance(
          x[0], targets: x[1], epsilon: p.number("epsilon", 0), axes: p.axes(),
          where: x.dropFirst(2).first)
      },
    ]
  }

  private static var entropyLosses: [String: LossRecipe] {
    [
      "softmax_cross_entropy": LossRecipe(2...3, ["axis"]) { x, p in
        try softmaxCrossEntropy(x[0], labels: x[1], axes: p.axes(), where: x.dropFirst(2).first)
      },
      "softmax_cross_entropy_with_integer_labels": LossRecipe(2...3, ["axis"]) { x, p in
        try softmaxCrossEntropyWithIntegerLabels(
          x[0], labels: x[1], axes: p.axes() ?? [-1], where: x.dropFirst(2).first)
      },
      "safe_softmax_cross_entropy": LossRecipe(2...2) { x, _ in
        try safeSoftmaxCrossEntropy(x[0], labels: x[1])
      },
      "poly_loss_cross_entropy": LossRecipe(2...3, ["axis", "epsilon"]) { x, p in
        try polyLossCrossEntropy(
          x[0], labels: x[1], epsilon: p.number("epsilon", 2), axes: p.axes(),
          where: x.dropFirst(2).first)
      },
      "sigmoid_binary_cross_entropy": LossRecipe(2...2) { x, _ in
        try sigmoidBinaryCrossEntropy(x[0], labels: x[1])
      },
      "sigmoid_focal_loss": LossRecipe(2...2, ["alpha", "gamma"]) { x, p in
        try sigmoidFocalLoss(
          x[0], labels: x[1], alpha: p.number("alpha"), gamma: p.number("gamma", 2))
      },
      "smooth_labels": LossRecipe(1...2, ["alpha", "axis"]) { x, p in
        try smoothLabels(
          x[0], alpha: p.required("alpha"), axes: p.axes(), where: x.dropFirst().first)
      },
      "kl_divergence": LossRecipe(2...3, ["axis"]) { x, p in
        try klDivergence(x[0], targets: x[1], axes: p.axes(), where: x.dropFirst(2).first)
      },
      "kl_divergence_with_log_targets": LossRecipe(2...3, ["axis"]) { x, p in
        try klDivergenceWithLogTargets(
          x[0], logTargets: x[1], axes: p.axes(), where: x.dropFirst(2).first)
      },
      "generalized_kl_divergence": LossRecipe(2...3, ["axis"]) { x, p in
        try generalizedKLDivergence(
          x[0], targets: x[1], axes: p.axes(), where: x.dropFirst(2).first)
      },
    ]
  }

  private static var marginLosses: [String: LossRecipe] {
    [
      "hinge_loss": LossRecipe(2...2) { x, _ in try hingeLoss(x[0], targets: x[1]) },
      "perceptron_loss": LossRecipe(2...2) { x, _ in try perceptronLoss(x[0], targets: x[1]) },
      "sparsemax_loss": LossRecipe(2...2) { x, _ in try sparsemaxLoss(x[0], labels: x[1]) },
      "multiclass_hinge_loss": LossRecipe(2...2) { x, _ in
        try multiclassHingeLoss(x[0], labels: x[1])
      },
      "multiclass_perceptron_loss": LossRecipe(2...2) { x, _ in
        try multiclassPerceptronLoss(x[0], labels: x[1])
      },
      "multiclass_sparsemax_loss": LossRecipe(2...2) { x, _ in
        try multiclassSparsemaxLoss(x[0], labels: x[1])
      },
      "fenchel_young_loss": LossRecipe(2...2) { x, _ in
        try makeFenchelYoungLoss { try logsumexp($0) }(x[0], x[1])
      },
      "triplet_margin_loss": LossRecipe(
        3...3, ["axis", "differences", "eps", "margin", "norm_degree"]
      ) { x, p in
        try tripletMarginLoss(
          x[0], positives: x[1], negatives: x[2], axis: p.whole("axis", -1),
          normDegree: p.number("norm_degree", 2), margin: p.number("margin", 1),
          eps: p.number("eps", 1e-6),
          differences: p.word("differences") == "signed" ? .signed : .absolute)
      },
    ]
  }

  private static var structuredLosses: [String: LossRecipe] {
    let ctc: Set = ["blank_id", "log_epsilon"]
    return [
      "ctc_loss": LossRecipe(several: 4...4, ctc) { x, p in
        let all = try ctcLossWithForwardProbabilities(
          x[0], logitPaddings: x[1], labels: x[2], labelPaddings: x[3],
          blankId: p.whole("blank_id", 0), logEpsilon: p.number("log_epsilon", -1e5))
        return [all.loss, all.logAlphaBlank, all.logAlphaNonblank]
      },
      "ranking_softmax_loss": LossRecipe(2...4, ["reduce_fn", "weights"]) { x, p in
        let weights = try p.flag("weights", false) ? x.dropFirst(2).first : nil
        return try rankingSoftmaxLoss(
          x[0], labels: x[1], where: x.dropFirst(weights == nil ? 2 : 3).first, weights: weights,
          reduction: reduction(p, "reduce_fn"))
      },
      "dice_loss": LossRecipe(
        2...3, ["alpha", "apply_softmax", "beta", "ignore_background", "reduction", "smooth"]
      ) { x, p in
        try diceLoss(
          x[0], targets: x[1], classWeights: x.dropFirst(2).first, smooth: p.number("smooth", 1),
          alpha: p.number("alpha", 0.5), beta: p.number("beta", 0.5),
          applySoftmax: p.flag("apply_softmax", true), reduction: reduction(p, "reduction"),
          ignoreBackground: p.flag("ignore_background", false))
      },
      "multiclass_generalized_dice_loss": LossRecipe(2...2, ["ignore_background", "smooth"]) {
        x, p in
        try multiclassGeneralizedDiceLoss(
          x[0], targets: x[1], smooth: p.number("smooth", 1),
          ignoreBackground: p.flag("ignore_background", false))
      },
      "binary_dice_loss": LossRecipe(2...2, ["smooth"]) { x, p in
        try binaryDiceLoss(x[0], targets: x[1], smooth: p.number("smooth", 1))
      },
      "ntxent": LossRecipe(2...2, ["temperature"]) { x, p in
        try ntxent(x[0], labels: x[1], temperature: p.number("temperature", 0.07))
      },
    ]
  }
}

/// The operands and keywords of a loss, and the loss.
private struct LossRecipe: Sendable {
  typealias Results = @Sendable ([Tensor], KeywordParameters) throws -> [Tensor]

  let arity: ClosedRange<Int>
  let keywords: Set<String>
  let results: Results

  init(several arity: ClosedRange<Int>, _ keywords: Set<String>, _ results: @escaping Results) {
    (self.arity, self.keywords, self.results) = (arity, keywords, results)
  }

  init(
    _ arity: ClosedRange<Int>, _ keywords: Set<String> = [],
    _ loss: @escaping @Sendable ([Tensor], KeywordParameters) throws -> Tensor
  ) {
    self.init(several: arity, keywords) { [try loss($0, $1)] }
  }
}

private func reduction(_ p: KeywordParameters, _ key: String) throws -> LossReduction {
  guard let reduction = LossReduction(rawValue: try p.word(key) ?? "mean") else {
    throw KeywordValue.wrong(key, "mean, sum or none")
  }
  return reduction
}
