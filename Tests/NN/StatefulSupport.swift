// Batches and calls for the tests of layers with a state.

import Catalogue
import Core
import NN
import Random
import TestSupport
import Testing
import Tree

/// A batch norm and its state under `vmap` over an axis named "batch".
struct NormRun {
  var norm: BatchNorm
  var state: State

  /// A fresh layer.
  init(
    _ size: Int, _ mode: BatchNorm.Mode, _ convention: BatchNorm.Convention = .consistent,
    eps: Double = 1e-5, affine: Bool = true, momentum: Double = 0.99, dtype: DType = .f64
  ) throws {
    (norm, state) = try makeWithState {
      try BatchNorm(
        size, axisName: "batch", eps: eps, channelwiseAffine: affine, momentum: momentum,
        dtype: dtype, mode: mode, convention: convention)
    }
  }

  /// One training call: x `[batch, size, …]`.
  mutating func train(_ x: Tensor) throws -> Tensor {
    try vmap(x, axisName: "batch", state: &state) { x, state in try norm(x, state: &state) }
  }

  /// One call in inference, outside any named axis.
  func infer(_ x: Tensor) throws -> Tensor {
    var copy = state
    return try vmap(x, state: &copy) { x, state in
      try inferenceMode(norm)(x, state: &state)
    }
  }

  /// The mean and the variance that inference uses for channel 0, read off two points.
  ///
  /// With y(t) = (t − m)/√v: √v = 1 / (y(1) − y(0)) and m = −y(0)·√v. Needs eps = 0, no affine.
  func statistics() throws -> (mean: Double, variance: Double) {
    let y = try infer(Tensor([[0], [1]], .f64)).scalars
    let deviation = 1 / (y[1] - y[0])
    return (-y[0] * deviation, deviation * deviation)
  }
}

/// A batch of multiples of 1/64 in [−2, 2], no two channels alike: sums and differences are exact.
func dyadicBatch(_ shape: [Int], _ index: Int, _ dtype: DType = .f64) -> Tensor {
  var random = SeededGenerator(seed: .testSeed, name: "dyadic", index)
  let count = shape.reduce(1, *)
  return Tensor(
    shape: shape,
    Storage(
      rounding: (0..<count).map { _ in DoubleDouble((random.unit() * 256 - 128).rounded() / 64) },
      to: dtype))
}

extension UInt64 {
  /// The seed of this run.
  static var testSeed: UInt64 { SeededGenerator.testSeed }
}

/// Half a unit in the last place of 1: the relative error of one rounding.
func roundoff(_ dtype: DType) -> Double { dtype == .f32 ? 0x1p-24 : 0x1p-53 }

/// Whether both tensors have one dtype, one shape and the same bits.
func isSame(_ a: Tensor, _ b: Tensor) throws -> Bool {
  try a.shape == b.shape && a.storage.isBitwiseEqual(to: b.storage)
}

/// Whether two states have the same bits under the same paths.
func isSame(_ a: State, _ b: State) throws -> Bool {
  guard a.paths == b.paths else { return false }
  for (x, y) in zip(a.leaves, b.leaves) {
    guard let x = x.tensor, let y = y.tensor, try isSame(x, y) else { return false }
  }
  return true
}
