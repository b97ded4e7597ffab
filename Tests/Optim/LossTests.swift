// Laws of losses (rule OX-10). Two formulas for one loss are compared on double-double numbers within
// the bounds of their own roundings; what Optax's losses give, derivatives included, is in losses.h5.

import Catalogue
import Core
import Optim
import TestSupport
import Testing

private func random(_ shape: [Int], _ name: String, _ range: ClosedRange<Double> = -2...2) -> Tensor
{
  var generator = SeededGenerator(seed: SeededGenerator.testSeed, name: name, 0)
  let width = range.upperBound - range.lowerBound
  return Tensor(
    shape: shape,
    .f64((0..<shape.reduce(1, *)).map { _ in range.lowerBound + width * generator.unit() }))
}

private func words(_ xs: [Int32], _ shape: [Int]? = nil) -> Tensor {
  Tensor(shape: shape ?? [xs.count], .i32(xs))
}

private var seed: String { "seed \(SeededGenerator.testSeed)" }

@Suite struct LossTests {
  @Test("OX-10 the numbers of the rule: ½e² is 2 for 3 against 1, extremes stay finite")
  func ruleNumbers() throws {
    #expect(try l2Loss(Tensor(3.0), targets: Tensor(1.0)).item == 2)
    #expect(
      try softmaxCrossEntropyWithIntegerLabels(Tensor([1000, 0]), labels: Tensor(1, .i32)).item
        == 1000)
    let bce = try sigmoidBinaryCrossEntropy(Tensor([100, -100]), labels: Tensor([0.0, 0.0]))
    // e⁻¹⁰⁰ is subnormal in f32 and may be flushed.
    #expect(try bce.scalars[0] == 100)
    #expect(try bce.scalars[1] <= Double(Float.leastNormalMagnitude))
  }

  @Test("OX-10 softmax cross-entropy of one-hot labels is that of integer labels")
  func oneHot() throws {
    let logits = random([3, 4], "logits")
    let classes = words([2, 0, 3])
    let hot = Tensor([[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]], .f64)
    func dense(_ x: [Tensor]) throws -> [Tensor] { [try softmaxCrossEntropy(x[0], labels: hot)] }
    func sparse(_ x: [Tensor]) throws -> [Tensor] {
      [try softmaxCrossEntropyWithIntegerLabels(x[0], labels: classes)]
    }
    try expectSame(dense, sparse, at: [logits], seed)
    try expectSame(withCotangents(dense), withCotangents(sparse), at: [logits], seed)
    try expectSame(
      dense, { [try safeSoftmaxCrossEntropy($0[0], labels: hot)] }, at: [logits], seed)
    try expectSame(
      dense,
      { [try makeFenchelYoungLoss { try logsumexp($0) }($0[0], hot)] }, at: [logits], seed)
  }

  @Test("OX-10 the gradient of softmax cross-entropy is softmax − labels and sums to 0")
  func softmaxGradient() throws {
    let logits = random([3, 4], "gradient")
    let labels = try softmax(random([3, 4], "labels"))
    func gradient(_ x: [Tensor]) throws -> [Tensor] {
      try withCotangents { [try softmaxCrossEntropy($0[0], labels: labels)] }(x)
    }
    try expectSame(
      gradient,
      { x in
        let sums = try sum(labels, axes: [-1], keepDims: true)
        return [try softmax(x[0]) * sums - labels]
      }, at: [logits], seed)
    try expectSame(
      { [try sum(gradient($0)[0], axes: [-1])] }, { _ in [try zeros([3], .f64)] }, at: [logits],
      seed)
  }

  @Test("OX-10 a mask leaves a loss as if its elements were not there")
  func masks() throws {
    let (x, p) = (random([2, 4], "x"), random([2, 4], "p", 0.1...1))
    let mask = Tensor(shape: [4], .bool([true, false, true, true]))
    func without(_ x: Tensor) throws -> Tensor {
      try concatenate(
        [slice(x, axis: 1, from: 0, to: 1), slice(x, axis: 1, from: 2, to: 4)], axis: 1)
    }
    typealias Loss = (Tensor, Tensor, Tensor?) throws -> Tensor
    let losses: [(String, Loss)] = [
      ("softmax", { try softmaxCrossEntropy($0, labels: $1, where: $2) }),
      ("poly", { try polyLossCrossEntropy($0, labels: $1, where: $2) }),
      ("kl", { try klDivergence($0, targets: $1, where: $2) }),
      ("generalized kl", { try generalizedKLDivergence($0, targets: $1, where: $2) }),
      ("log kl", { try klDivergenceWithLogTargets($0, logTargets: $1, where: $2) }),
      ("cosine", { try cosineSimilarity($0, targets: $1, where: $2) }),
      ("ranking", { try rankingSoftmaxLoss($0, labels: $1, where: $2, reduction: .none) }),
    ]
    for (name, loss) in losses {
      // Sums run in one order, and a zero between leaves their bits.
      try expectSameBits(
        [loss(x, p, broadcast(mask, to: [2, 4]))], [loss(without(x), without(p), nil)],
        "\(name), \(seed)")
    }
    let nothing = Tensor(shape: [2, 4], .bool(Array(repeating: false, count: 8)))
    let labels = words([1, 3])
    #expect(
      try softmaxCrossEntropyWithIntegerLabels(x, labels: labels, where: nothing).scalars == [0, 0])
    #expect(
      try rankingSoftmaxLoss(x, labels: p, where: nothing).item == 0, "a mean over no list")
  }

  @Test("OX-10 labels of 0 count for nothing even at a logit of −∞, and in their gradient")
  func safeLabels() throws {
    let logits = Tensor([[-.infinity, 0, 0]], .f64)
    let labels = Tensor([[0, 0.5, 0.5]], .f64)
    let (value, gradient) = try valueAndGrad {
      try sum(safeSoftmaxCrossEntropy($0, labels: labels))
    }(logits)
    #expect(try value.isClose(to: 0.6931471805599453, ulps: 2))
    #expect(try gradient.scalars == [0, 0, 0])
    #expect(try softmaxCrossEntropy(logits, labels: labels).item.isNaN, "the plain loss is not")
  }
}

extension Tensor {
  /// Whether the one element is within so many units in the last place of a number in [½, 1).
  fileprivate func isClose(to x: Double, ulps: Double) throws -> Bool {
    try (item - x).magnitude <= ulps * 0x1p-53
  }
}

@Suite struct LossInequalityTests {
  /// Bound: the sum of three terms of size at most 2 with a handful of roundings each is within
  /// 64 · 2⁻⁵³ of the true one, which is not negative.
  @Test("OX-10 the divergence is ≥ 0, and 0 of a distribution from itself; targets of 0 count 0")
  func divergence() throws {
    for round in 0..<20 {
      let p = try softmax(random([3], "p\(round)"))
      let q = try softmax(random([3], "q\(round)"))
      #expect(try klDivergence(log(q), targets: p).item >= -64 * 0x1p-53, "\(seed)")
      #expect(try generalizedKLDivergence(log(q), targets: p * 1.5).item >= -64 * 0x1p-53)
      #expect(try klDivergence(log(p), targets: p).item == 0, "\(seed)")
    }
    let certain = try klDivergence(
      Tensor([-1, -0.5, -2], .f64), targets: Tensor([0, 1, 0], .f64))
    #expect(try certain.item == 0.5)
    try expectSame(
      { [try klDivergence($0[0], targets: exp($0[1]))] },
      { [try klDivergenceWithLogTargets($0[0], logTargets: $0[1])] },
      at: [random([3], "a"), random([3], "b")], seed)
  }

  @Test("OX-10 Huber's loss is ½e² inside, a line outside, and its gradient is the clipped error")
  func huber() throws {
    let x = Tensor([-3, -1, -0.5, 0, 0.5, 1, 3])
    #expect(try huberLoss(x).scalars == [2.5, 0.5, 0.125, 0, 0.125, 0.5, 2.5])
    #expect(try grad { try sum(huberLoss($0)) }(x).scalars == [-1, -1, -0.5, 0, 0.5, 1, 1])
    #expect(try huberLoss(x, delta: 0.5).scalars[0] == 1.375)
  }

  @Test("OX-10 margin losses are 0 beyond the margin and have half the slope at it")
  func margins() throws {
    let x = Tensor([-1, 0, 1, 2])
    let one = Tensor([1, 1, 1, 1])
    #expect(try hingeLoss(x, targets: one).scalars == [2, 1, 0, 0])
    #expect(try grad { try sum(hingeLoss($0, targets: one)) }(x).scalars == [-1, -1, -0.5, 0])
    #expect(try perceptronLoss(x, targets: one).scalars == [1, 0, 0, 0])
    #expect(try grad { try sum(perceptronLoss($0, targets: one)) }(x).scalars == [-1, -0.5, 0, 0])
    #expect(try sparsemaxLoss(x, labels: words([0, 0, 0, 0])).scalars == [0, 0.25, 1, 2])
    #expect(try sparsemaxLoss(x, labels: words([1, 1, 1, 1])).scalars == [1, 0.25, 0, 0])
    let scores = Tensor([[3, 1, 0], [1, 1.5, 0]])
    #expect(try multiclassHingeLoss(scores, labels: words([0, 0])).scalars == [0, 1.5])
    #expect(try multiclassPerceptronLoss(scores, labels: words([0, 0])).scalars == [0, 0.5])
  }

  @Test(
    "OX-10 the projection onto the simplex is in it, keeps its points, and gives the loss 0 there")
  func simplex() throws {
    let inside = Tensor([[0.25, 0.5, 0.25], [1, 0, 0]], .f64)
    #expect(try projectionSimplex(inside).scalars == inside.scalars)
    #expect(try projectionSimplex(Tensor([[5, 0, 0.5]], .f64)).scalars == [1, 0, 0])
    #expect(try projectionSimplex(Tensor([[1.5, 1, 0]], .f64)).scalars == [0.75, 0.25, 0])
    let scores = Tensor([[5, 0, 0.5], [0, 3, 3.5]], .f64)
    #expect(try multiclassSparsemaxLoss(scores, labels: words([0, 1])).scalars == [0, 0.5625])
    let gradient = try grad { try sum(multiclassSparsemaxLoss($0, labels: words([0, 1]))) }(scores)
    #expect(try gradient.scalars == [0, 0, 0, 0, -0.75, 0.75], "the projection less the label")
  }

  @Test("OX-10 smoothed labels keep their sum; labels and shapes that do not fit are refused")
  func smoothAndRefused() throws {
    #expect(
      try smoothLabels(Tensor([[0, 1, 0, 0]]), alpha: 0.5).scalars == [0.125, 0.625, 0.125, 0.125])
    #expect(throws: TraceError.self) { try l2Loss(Tensor([1, 2]), targets: Tensor([1, 2, 3])) }
    #expect(throws: TraceError.self) { try l2Loss(words([1, 2])) }
    let fraction = message {
      try softmaxCrossEntropyWithIntegerLabels(Tensor([[1, 2]]), labels: Tensor([1.0]))
    }
    #expect(fraction.contains("Expected the input to have an integer dtype"))
    #expect(throws: TraceError.self) { try ntxent(Tensor([[1, 2]]), labels: words([1, 2])) }
    #expect(throws: TraceError.self) { try multiclassHingeLoss(Tensor(1.0), labels: words([1])) }
    // The shares must sum to 1 within 10⁻⁵ + 10⁻⁸; half of that and twice that.
    for (excess, isRefused) in [(-0.25, true), (0x1p-15, true), (0x1p-18, false)] {
      let shares = Tensor([[0.5, 0.5 + excess]])
      func loss() throws {
        _ = try diceLoss(shares, targets: Tensor([[1, 0]]), applySoftmax: false)
      }
      #expect((message { try loss() } != "") == isRefused, "\(excess)")
    }
    #expect(throws: TraceError.self) {
      try perceptronLoss(Tensor([1, 1]), targets: Tensor([[1, 1], [1, 1]]))
    }
  }

  @Test("DV-60 the dice loss of probabilities is that of their logits; upstream's takes none but 1")
  func binaryDice() throws {
    let targets = Tensor([[1, 0, 1, 1]], .f64)
    try expectSame(
      { [try binaryDiceLoss($0[0], targets: targets)] },
      { [try binaryDiceLoss(sigmoid($0[0]), targets: targets, applySigmoid: false)] },
      at: [random([1, 4], "dice")], seed)
    #expect(throws: TraceError.self) {
      try binaryDiceLoss(
        Tensor([[0.5, 0.5]]), targets: Tensor([[1, 0]]), applySigmoid: false,
        probabilities: .certain)
    }
    #expect(
      try binaryDiceLoss(
        Tensor([[1, 1]]), targets: Tensor([[1, 1]]), applySigmoid: false, probabilities: .certain
      ).scalars == [0])
  }

  // Optax 0.2.8 gives the same numbers, ∞ for the first.
  @Test("OX-10 infinite operands make no NaN where the loss has a limit, and hide none")
  func infinite() throws {
    let infinity = Double.infinity
    #expect(
      try softmaxCrossEntropyWithIntegerLabels(Tensor([[infinity, 0]]), labels: words([1])).item
        == infinity)
    #expect(
      try multiclassSparsemaxLoss(Tensor([[0, -infinity]]), labels: words([0])).scalars == [0])
    let mask = Tensor(shape: [1, 2], .bool([true, true]))
    #expect(
      try rankingSoftmaxLoss(Tensor([[.nan, 1]]), labels: Tensor([[1, 0]]), where: mask).item.isNaN)
  }

  @Test("OX-10 axes that are left out are put back, and one class is no background")
  func putBack() throws {
    let (x, y) = (random([2, 3, 4], "x"), random([2, 3, 4], "y"))
    let mask = Tensor(shape: [3], .bool([true, false, true]))
    func loss(_ axes: [Int], _ mask: Tensor) throws -> Tensor {
      try softmaxCrossEntropy(x, labels: y, axes: axes, where: mask)
    }
    try expectSameBits(
      [loss([2, 0], mask)], [loss([0, 2], reshape(mask, [1, 3, 1]))], "axes, \(seed)")
    let (p, t) = (random([2, 3, 1], "p"), Tensor([[1, 0, 1], [0, 0, 1]], .f64))
    let wide = try reshape(t, [2, 3, 1])
    let dice = try diceLoss(p, targets: wide)
    try expectSameBits([diceLoss(p, targets: wide, ignoreBackground: true)], [dice], "one class")
    try expectSameBits([diceLoss(p, targets: t)], [dice], "targets without the axis")
    let flat = try squeeze(p, [2])
    try expectSameBits([diceLoss(flat, targets: wide)], [dice], "predictions without the axis")
  }

  @Test("a triplet's distance is along the axis that is named")
  func tripletAxis() throws {
    let (a, p) = (Tensor([[0, 0], [0, 0]]), Tensor([[3, 0], [4, 2]]))
    func loss(_ axis: Int) throws -> [Double] {
      try tripletMarginLoss(a, positives: p, negatives: a, axis: axis, eps: 0).scalars
    }
    #expect(try loss(0) == [6, 3], "√(9 + 16) + 1, √4 + 1")
    #expect(try loss(1)[0] == 4, "√9 + 1")
  }

  /// Squares near 2⁻³⁰ are below the least of f32, 2⁻²³, and above that of f64, 2⁻⁵². A power of two
  /// changes no bit of a quotient.
  @Test("similarities of pairs do not depend on lengths, down to √ε of the dtype")
  func pairLengths() throws {
    let labels = words([0, 0, 1])
    for (dtype, isSame) in [(DType.f64, true), (.f32, false)] {
      let x = Tensor([[1, 2], [2, 1], [1, -1]], dtype)
      let (long, short) = try (ntxent(x, labels: labels), ntxent(x * 0x1p-16, labels: labels))
      #expect(try (long.item == short.item) == isSame, "\(dtype)")
    }
  }

  @Test("DV-61 a triplet's distance is a norm for every degree; upstream's odd ones cancel")
  func triplet() throws {
    let (a, p, n) = (Tensor([[1, 2]]), Tensor([[3, 1]]), Tensor([[1, 2]]))
    func loss(_ degree: Double, _ differences: TripletDifferences) throws -> Double {
      try tripletMarginLoss(
        a, positives: p, negatives: n, normDegree: degree, margin: 0, eps: 0,
        differences: differences
      ).item
    }
    #expect(try loss(1, .absolute) == 3)
    #expect(try loss(1, .signed) == 0, "−2 + 1 is below 0")
    #expect(try loss(3, .signed).isNaN)
    #expect(try loss(2, .absolute) == loss(2, .signed))
  }
}
