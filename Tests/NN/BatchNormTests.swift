// Batch normalisation by numbers: what each rule says at one point, and what is refused.

import Core
import NN
import Random
import TestSupport
import Testing
import Tree

@Suite struct BatchNormTests {
  /// The reproduction of DV-30: values of Equinox 0.13.8 on JAX 0.10.2, f64.
  @Test(arguments: [(1, 0.0246305), (10, 0.2090598), (300, 0.9797851)])
  func `BN-07 DV-30 as upstream has it the variance of inference starts 99 too large`(
    steps: Int, variance: Double
  ) throws {
    let x = Tensor([[1], [2], [4], [5]], .f64)
    var ours = try NormRun(1, .batch)
    var theirs = try NormRun(1, .batch, .equinox)
    for _ in 0..<steps {
      let (a, b) = try (ours.train(x), theirs.train(x))
      #expect(try isSame(a, b), "training is the same")
    }
    #expect(abs(try `var`(theirs.infer(x)).item - variance) < 1e-7)
    let trained = try `var`(ours.train(x)).item
    #expect(abs(try `var`(ours.infer(x)).item - trained) < 1e-12)
    // v + mᵏ / (1 − mᵏ), the mean being right in both.
    let power = Double.power(0.99, steps)
    let expected = 2.5 / (2.5 + power / (1 - power) + 1e-5)
    #expect(abs(try `var`(theirs.infer(x)).item - expected) < 1e-12)
    #expect(abs(try mean(theirs.infer(x)).item) < 1e-12)
  }

  @Test func `BN-06 as upstream has it the state starts with 0 and 1 and is averaged undivided`()
    throws
  {
    var run = try NormRun(1, .batch, .equinox, momentum: 0.1)
    func held() throws -> [Double] {
      let pair = try run.state.get(#require(run.norm.batchStateIndex)).elements
      return try [pair.0.item, pair.1.item, run.state.get(#require(run.norm.batchCounter)).item]
    }
    #expect(try held() == [0, 1, 0])
    _ = try run.train(Tensor([[3], [5]], .f64))
    // BN-14: the biased variance, 1, where PyTorch keeps the unbiased one.
    #expect(try held() == [0.9 * 4, 0.1 + 0.9, 1])
  }

  @Test func `BN-08 DV-31 as upstream has it an untrained layer of mode ema divides by √ε`() throws
  {
    let x = Tensor([[1], [2]], .f64)
    let theirs = try NormRun(1, .ema, .equinox).infer(x).scalars
    #expect(zip(theirs, [316.227766, 632.455532]).allSatisfy { abs($0 - $1) < 1e-5 })
    let ours = try NormRun(1, .ema).infer(x).scalars
    #expect(zip(ours, [1, 2]).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func `BN-02 the variance is biased and eps stands under the root`() throws {
    var run = try NormRun(1, .batch, eps: 3)
    #expect(try run.train(Tensor([[-1], [1]], .f64)).scalars == [-0.5, 0.5])
    run.norm.weight = Tensor([4], .f64)
    run.norm.bias = Tensor([1], .f64)
    #expect(try run.train(Tensor([[-1], [1]], .f64)).scalars == [-1, 3])
  }

  @Test func `BN-02 gain and offset are absent when they are not asked for`() throws {
    let bare = try NormRun(2, .batch, affine: false).norm
    #expect(bare.weight == nil && bare.bias == nil)
    let full = try NormRun(2, .batch).norm
    #expect(try full.weight?.scalars == [1, 1] && full.bias?.scalars == [0, 0])
  }

  @Test func `BN-04 modes have names and legacy means ema with a warning`() throws {
    #expect(try BatchNorm.Mode.named("batch") == (.batch, nil))
    let legacy = try BatchNorm.Mode.named("legacy")
    #expect(legacy.mode == .ema && legacy.warning?.contains("'batch' is advised") == true)
    #expect(
      throws: LayerError.badArgument("invalid mode 'layer', must be 'ema' or 'batch'")
    ) { try BatchNorm.Mode.named("layer") }
    #expect(throws: LayerError.self) { try BatchNorm(2, axisName: "b", momentum: 1) }
  }

  @Test(arguments: [BatchNorm.Mode.ema, .batch])
  func `BN-09 training outside vmap or under another name is an error and changes no state`(
    mode: BatchNorm.Mode
  ) throws {
    var run = try NormRun(2, mode)
    let (norm, before) = (run.norm, run.state)
    let x = Tensor([1, 2], .f64)
    #expect(throws: TraceError.unboundAxis("batch")) { try norm(x, state: &run.state) }
    #expect(throws: TraceError.unboundAxis("batch")) {
      try vmap(Tensor([[1, 2]], .f64), axisName: "other", state: &run.state) { x, state in
        try norm(x, state: &state)
      }
    }
    #expect(try isSame(before, run.state))
    _ = try run.train(Tensor([[1, 2], [3, 4]], .f64))
  }

  @Test func `BN-10 a batch of one gives 0 and a constant batch has a finite gradient`() throws {
    var run = try NormRun(1, .batch, .equinox)
    #expect(try run.train(Tensor([[7]], .f64)).scalars == [0])
    let variance = try run.state.get(#require(run.norm.batchStateIndex)).elements.1.item
    #expect(variance == 0.99)
    // The variance's derivative is 0 at a constant batch: what is left is (ct − mean ct)/√ε.
    let start = try NormRun(1, .batch)
    let gradient = try grad { (x: Tensor) in
      var run = start
      return try sum(run.train(x) * Tensor([[1], [2], [5]], .f64))
    }(Tensor([[4], [4], [4]], .f64)).scalars
    let scale = 1 / (1e-5).squareRoot()
    for (g, ct) in zip(gradient, [1.0, 2, 5]) {
      #expect(abs(g - (ct - 8.0 / 3) * scale) <= 20 * 8 * scale * roundoff(.f64))
    }
  }

  @Test(arguments: [BatchNorm.Mode.ema, .batch])
  func `BN-11 a wider input does not fit the state, a narrower one is widened`(
    mode: BatchNorm.Mode
  ) throws {
    var narrow = try NormRun(1, mode, dtype: .f32)
    let before = narrow.state
    #expect {
      try narrow.train(Tensor([[1], [2]], .f64))
    } throws: {
      guard case StateError.shape(let path, "(f32[1], f32[1])", "(f64[1], f64[1])") = $0 else {
        return false
      }
      return path == (mode == .ema ? "BatchNorm.emaStateIndex" : "BatchNorm.batchStateIndex")
    }
    #expect(try isSame(before, narrow.state))
    var wide = try NormRun(1, mode, dtype: .f64)
    #expect(try wide.train(Tensor([[1], [2]], .f32)).dtype == .f64)
  }

  /// DV-32: what Equinox does with f16 in f32; here with f32 in f64.
  @Test func `BN-11 DV-32 without a gain the result has the dtype of the input in both modes`()
    throws
  {
    let x = Tensor([[1], [2]], .f32)
    for (convention, expected) in [(BatchNorm.Convention.consistent, DType.f32), (.equinox, .f64)] {
      var run = try NormRun(1, .batch, convention, affine: false, dtype: .f64)
      #expect(try run.train(x).dtype == .f32)
      #expect(try run.infer(x).dtype == expected)
    }
  }

  @Test func `BN-13 gain, offset, axis name and switch are leaves, the rest is structure`() throws {
    let norm = try NormRun(2, .batch).norm
    #expect(
      norm.leafPaths.map(\.description) == [".weight", ".bias", ".axisName[0]", ".inference"])
    let other = try NormRun(2, .batch, momentum: 0.5).norm
    #expect(norm.treeDef != other.treeDef)
    #expect(try norm.treeDef == NormRun(2, .batch).norm.treeDef)
    try checkFields(of: norm)
  }

  @Test func `an input of another size is refused, with and without a gain`() throws {
    for affine in [true, false] {
      var run = try NormRun(3, .batch, affine: affine)
      #expect(throws: LayerError.self) { try run.train(Tensor([[1], [2]], .f64)) }
      #expect(throws: LayerError.self) { try run.infer(Tensor([[1], [2]], .f64)) }
    }
  }
}

extension Double {
  /// xⁿ by products.
  fileprivate static func power(_ x: Double, _ n: Int) -> Double {
    (0..<n).reduce(1) { product, _ in product * x }
  }
}
