// Connectionist temporal classification against its definition: the sum over every alignment.

import Catalogue
import Core
import Optim
import TestSupport
import Testing

@Suite struct ConnectionistTests {
  private let frames = 4
  private let classes = 3

  /// All ways to give each of `count` frames a class.
  private func alignments(_ count: Int) -> [[Int]] {
    (0..<count).reduce([[]]) { all, _ in all.flatMap { one in (0..<classes).map { one + [$0] } } }
  }

  /// What an alignment spells: runs once, then without blanks.
  private func spelling(_ alignment: [Int], blank: Int) -> [Int] {
    alignment.enumerated().filter { $0 == 0 || alignment[$0 - 1] != $1 }.map(\.element)
      .filter { $0 != blank }
  }

  /// ln Σ over alignments that spell the labels of the product of probabilities.
  private func bruteForce(_ logits: Tensor, _ labels: [Int], blank: Int, count: Int) throws
    -> Tensor
  {
    let logProbabilities = try logSoftmax(logits)
    let scores = try alignments(count).filter { spelling($0, blank: blank) == labels }.map { one in
      try one.enumerated().map { try logProbabilities[$0][$1] }.reduce(Tensor(0, .f64)) {
        try $0 + $1
      }
    }
    return try -logsumexp(stack(scores))
  }

  private func loss(
    _ logits: Tensor, _ labels: [Int], length: Int, blank: Int, padded: Int = 0
  ) throws -> Tensor {
    let n = labels.count
    let mark = (0..<n).map { $0 < length ? 0.0 : 1.0 }
    let late = (0..<frames).map { $0 < frames - padded ? 0.0 : 1.0 }
    return try ctcLoss(
      expandDims(logits, 0), logitPaddings: Tensor(shape: [1, frames], .f64(late)),
      labels: Tensor(shape: [1, n], .i32(labels.map(Int32.init))),
      labelPaddings: Tensor(shape: [1, n], .f64(mark)), blankId: blank, logEpsilon: -1e5)[0]
  }

  private func logits() -> Tensor {
    var generator = SeededGenerator(seed: SeededGenerator.testSeed, name: "ctc", 0)
    return Tensor(
      shape: [frames, classes], .f64((0..<frames * classes).map { _ in generator.entry() }))
  }

  /// ln 0 is −10⁵ in the recursion: what it adds where there is nothing is below e⁻⁹⁹⁹⁰⁰ of the sum,
  /// less than any bound of the roundings.
  @Test(
    "OX-10 ctc is −ln of the sum over every alignment that spells the labels",
    arguments: [
      ([1], 0), ([1, 2], 0), ([1, 1], 0), ([2, 1, 2], 0), ([0, 1], 2), ([0, 0], 2), ([], 0),
    ] as [([Int], Int)])
  func alignments(labels: [Int], blank: Int) throws {
    let x = logits()
    // A padding after the labels, one more each, changes nothing.
    for extra in 0...1 where labels.count + extra > 0 {
      let given = labels + Array(repeating: 1, count: extra)
      let f = { (x: [Tensor]) in [try loss(x[0], given, length: labels.count, blank: blank)] }
      let g = { (x: [Tensor]) in [try bruteForce(x[0], labels, blank: blank, count: frames)] }
      try expectSame(f, g, at: [x], "\(labels), seed \(SeededGenerator.testSeed)")
      try expectSame(withCotangents(f), withCotangents(g), at: [x], "gradient of \(labels)")
    }
  }

  @Test("OX-10 frames of padding count for nothing")
  func padding() throws {
    let x = logits()
    try expectSame(
      { [try loss($0[0], [1, 2], length: 2, blank: 0, padded: 1)] },
      { [try bruteForce($0[0], [1, 2], blank: 0, count: frames - 1)] }, at: [x],
      "seed \(SeededGenerator.testSeed)")
  }

  @Test("OX-10 operands of ctc that do not fit are refused")
  func refusals() throws {
    let (ones, twos) = (Tensor([[0, 0]]), Tensor(shape: [1, 2], .i32([1, 2])))
    #expect(throws: TraceError.self) {
      try ctcLoss(Tensor([[1, 2]]), logitPaddings: ones, labels: twos, labelPaddings: ones)
    }
    #expect(throws: TraceError.self) {
      try ctcLoss(
        zeros([1, 3, 3]), logitPaddings: ones, labels: twos, labelPaddings: ones)
    }
  }
}
