// Connectionist temporal classification: how likely frames of classes, blanks among them, spell a
// sequence of labels.
//
// An alignment gives every frame a blank or a label; runs of one label count once, and a blank must
// stand between equal neighbours. The two tables hold ln of the sum over all alignments up to frame t
// that have spelt n labels and end in a blank, or in label n. ε stands for ln 0 (`logEpsilon`).

public import Core

/// What `ctcLossWithForwardProbabilities` gives.
public struct CTCLoss: Sendable {
  /// −ln of the likelihood of each sequence, `[batch]`.
  public let loss: Tensor
  /// ln of the sums of alignments that end in a blank, `[frames, batch, labels + 1]`.
  public let logAlphaBlank: Tensor
  /// ln of the sums of alignments that end in a label, `[frames, batch, labels]`.
  public let logAlphaNonblank: Tensor
}

/// −ln of the likelihood that frames spell their labels (`optax.ctc_loss`); the operands are those of
/// `ctcLossWithForwardProbabilities`.
public func ctcLoss(
  _ logits: Tensor, logitPaddings: Tensor, labels: Tensor, labelPaddings: Tensor, blankId: Int = 0,
  logEpsilon: Double = -1e5
) throws -> Tensor {
  try ctcLossWithForwardProbabilities(
    logits, logitPaddings: logitPaddings, labels: labels, labelPaddings: labelPaddings,
    blankId: blankId, logEpsilon: logEpsilon
  ).loss
}

/// The loss together with the tables of its recursion (`optax.ctc_loss_with_forward_probs`).
///
/// `logits: [batch, frames, classes]`, `labels: i32[batch, n]`; paddings have the shapes
/// `[batch, frames]` and `[batch, n]` and are 1 where there is no frame or no label, else 0. Labels come
/// first in their rows.
public func ctcLossWithForwardProbabilities(
  _ logits: Tensor, logitPaddings: Tensor, labels: Tensor, labelPaddings: Tensor, blankId: Int = 0,
  logEpsilon: Double = -1e5
) throws -> CTCLoss {
  try requireFloating(logits)
  try requireRank(logits, 3)
  try requireRank(labels, 2)
  try requireEqualShapes(labels, labelPaddings)
  guard logitPaddings.shape == Array(logits.shape.prefix(2)), labels.shape[0] == logits.shape[0]
  else {
    throw TraceError.illTyped(
      "Expected `labels` and paddings to fit logits of shape \(pythonTuple(logits.shape)), got "
        + "\(pythonTuple(labels.shape)) and \(pythonTuple(logitPaddings.shape)).")
  }
  let recursion = try Recursion(logits, labels, blankId: blankId, epsilon: logEpsilon)
  let (blanks, spelt) = try recursion.tables(asNumbers(logitPaddings, like: logits))
  let end = try recursion.joined(frame(blanks, -1), frame(spelt, -1))
  let length = try sum(asNumbers(labelPaddings, like: logits), axes: [1]).asType(.i32)
  let count = labels.shape[1]
  let isLength = try oneHot(
    Tensor(shape: [], .i32([Int32(clamping: count)])) - length, count: count + 1, logits.dtype)
  let head = try sliceInDim(blanks, to: -1)
  return CTCLoss(
    loss: try -sum(end * isLength, axes: [1]),
    logAlphaBlank: try concatenate([head, expandDims(end, 0)]), logAlphaNonblank: spelt)
}

/// The steps from one frame to the next.
private struct Recursion {
  /// ln p of each label and of the blank in each frame, frames first.
  let logLabels: Tensor
  let logBlanks: Tensor
  /// ε where the next label is the same, and where it is not; 0 elsewhere.
  let ifSame: Tensor
  let ifOther: Tensor
  /// The tables before the first frame: nothing is spelt, for sure.
  let start: [Tensor]

  init(_ logits: Tensor, _ labels: Tensor, blankId: Int, epsilon: Double) throws {
    let (batch, count, classes) = (labels.shape[0], labels.shape[1], logits.shape[2])
    let logProbabilities = try logSoftmax(logits)
    let blank = try indexInDim(logProbabilities, blankId, axis: 2)
    logBlanks = try transpose(blank, [1, 0, 2])
    // Σ over classes of ln p · (1 at the label), frames first.
    let chosen = try oneHot(labels, count: classes, logits.dtype)
    let picked = try dotGeneral(
      logProbabilities, chosen, DotDimensionNumbers(contracting: ([2], [2]), batch: ([0], [0])))
    logLabels = try transpose(picked, [1, 0, 2])
    let none = try zeros([batch, Swift.min(count, 1)], logits.dtype)
    let repeats = try equal(
      sliceInDim(labels, to: Swift.max(count - 1, 0), axis: 1), sliceInDim(labels, from: 1, axis: 1)
    )
    let same = try concatenate([repeats.asType(logits.dtype), none], axis: 1)
    ifSame = try epsilon * same
    ifOther = try epsilon * (1 - same)
    let unlikely = try full([batch, count], epsilon, logits.dtype)
    start = [try concatenate([zeros([batch, 1], logits.dtype), unlikely], axis: 1), unlikely]
  }

  /// The tables after every frame; a frame of padding changes nothing.
  func tables(_ paddings: Tensor) throws -> (blanks: Tensor, spelt: Tensor) {
    let (_, ys) = try scan(
      { carry, x in
        let next = try step(carry[0], carry[1], logLabel: x[0], logBlank: x[1])
        let pad = try expandDims(x[2], 1)
        let kept = try zip(carry, next).map { try pad * $0 + (1 - pad) * $1 }
        return (carry: kept, y: kept)
      }, start, [logLabels, logBlanks, transpose(paddings)])
    return (ys[0], ys[1])
  }

  private func step(
    _ blanks: Tensor, _ spelt: Tensor, logLabel: Tensor, logBlank: Tensor
  ) throws -> [Tensor] {
    // The next label may follow at once, unless it is the same.
    let before = try joined(blanks, spelt + ifSame)
    let nextSpelt = try logaddexp(
      sliceInDim(before, to: -1, axis: 1) + logLabel, spelt + logLabel)
    let nextBlanks = try joined(before + logBlank, spelt + logBlank + ifOther)
    return [nextBlanks, nextSpelt]
  }

  /// `blanks` with what has spelt n ≥ 1 labels added.
  func joined(_ blanks: Tensor, _ spelt: Tensor) throws -> Tensor {
    let more = try logaddexp(sliceInDim(blanks, from: 1, axis: 1), spelt)
    return try concatenate([sliceInDim(blanks, to: 1, axis: 1), more], axis: 1)
  }
}

private func frame(_ table: Tensor, _ index: Int) throws -> Tensor {
  try indexInDim(table, index, keepDims: false)
}
