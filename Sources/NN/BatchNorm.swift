// Batch normalisation: x̂ = (x − E[x]) / √(Var[x] + ε), per channel, E over the batch and all spatial
// axes (rules BN-01 to BN-16).
//
// The batch is an axis of `vmap` with a name, so that one example is what the layer sees. The variance
// is the biased one (÷ N), in two passes. What inference normalises with are averages of the batches
// seen, and by the laws that Tests/NN states they are averages: of equal batches the same statistics,
// of other batches something between. How they are kept is in RunningStatistics.swift.

public import Core
public import Tree

/// Normalises each channel by the statistics of the batch, or in inference by running ones.
public struct BatchNorm: StatefulLayer {
  /// What a training call normalises with.
  public enum Mode: String, Hashable, Sendable {
    /// The running averages, this batch included; the gradient goes through this batch's share.
    case ema
    /// The statistics of this batch.
    case batch
  }

  /// How running statistics start and how inference reads them.
  public enum Convention: String, Hashable, Sendable {
    /// As averages: the weights of all batches seen sum to 1.
    case consistent
    /// As Equinox 0.13.8 does (DV-30, DV-31, DV-32).
    case equinox
  }

  /// The gain per channel, `[inputSize]`.
  public var weight: Tensor?
  /// The offset per channel, `[inputSize]`.
  public var bias: Tensor?
  /// In mode `ema`: whether no batch has been seen, `bool[]`.
  public var emaFirstTimeIndex: StateIndex<Tensor>?
  /// In mode `ema`: the running mean and variance, `[inputSize]` each.
  public var emaStateIndex: StateIndex<Tuple<Tensor, Tensor>>?
  /// In mode `batch`: the number of batches seen, `i32[]`.
  public var batchCounter: StateIndex<Tensor>?
  /// In mode `batch`: the undivided averages of mean and variance, `[inputSize]` each.
  public var batchStateIndex: StateIndex<Tuple<Tensor, Tensor>>?
  /// The names of the axes of `vmap` that make up the batch; leaves, as in Equinox (BN-13).
  public var axisName: [String]
  /// Whether running statistics are used and nothing is stored.
  public var inference: Bool
  /// The number of channels.
  public let inputSize: Int
  /// What is added to the variance under the root.
  public let eps: Double
  /// Whether there is a gain and an offset.
  public let channelwiseAffine: Bool
  /// The weight of the old value in each average: r ← m·r + (1 − m)·batch (BN-03).
  public let momentum: Double
  /// What a training call normalises with.
  public let mode: Mode
  /// How running statistics start and how inference reads them.
  public let convention: Convention

  /// A layer for inputs `[inputSize, …]`.
  ///
  /// Differs from Equinox: an unnamed mode is `batch`, which Equinox advises; its own default is
  /// `ema`, with a warning (BN-04).
  /// - Throws: `LayerError.badArgument` for a momentum that makes no average.
  public init(
    _ inputSize: Int, axisName: String..., eps: Double = 1e-5, channelwiseAffine: Bool = true,
    momentum: Double = 0.99, inference: Bool = false, dtype: DType = .f32, mode: Mode = .batch,
    convention: Convention = .consistent
  ) throws {
    guard momentum >= 0 && momentum < 1 else {
      throw LayerError.badArgument("momentum must be at least 0 and below 1, got \(momentum)")
    }
    weight = channelwiseAffine ? try ones([inputSize], dtype) : nil
    bias = channelwiseAffine ? try zeros([inputSize], dtype) : nil
    let start = try convention.start(mode, inputSize, dtype)
    switch mode {
    case .ema:
      emaFirstTimeIndex = StateIndex(Tensor(shape: [], .bool([true])))
      emaStateIndex = StateIndex(start)
    case .batch:
      batchCounter = StateIndex(Tensor(0, .i32))
      batchStateIndex = StateIndex(start)
    }
    self.axisName = axisName
    self.inference = inference
    self.inputSize = inputSize
    self.eps = eps
    self.channelwiseAffine = channelwiseAffine
    self.momentum = momentum
    self.mode = mode
    self.convention = convention
  }

  /// Shows gain, offset, the places of the state, the axis names and the switch.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
    visitor.field("emaFirstTimeIndex", &emaFirstTimeIndex)
    visitor.field("emaStateIndex", &emaStateIndex)
    visitor.field("batchCounter", &batchCounter)
    visitor.field("batchStateIndex", &batchStateIndex)
    visitor.field("axisName", &axisName)
    visitor.field("inference", &inference)
    visitor.constant("inputSize", inputSize)
    visitor.constant("eps", eps)
    visitor.constant("channelwiseAffine", channelwiseAffine)
    visitor.constant("momentum", momentum)
    visitor.constant("mode", mode)
    visitor.constant("convention", convention)
  }

  /// `x: [inputSize, …]`, one example, → the same shape; inside `vmap` unless in inference.
  public func callAsFunction(_ x: Tensor, state: inout State) throws -> Tensor {
    try self(x, state: &state, inference: nil)
  }

  /// As above; `inference`, if given, goes before the layer's own.
  public func callAsFunction(
    _ x: Tensor, state: inout State, inference: Bool?
  ) throws -> Tensor {
    guard x.shape.first == inputSize, x.dtype.isInexact else {
      throw LayerError.badInput(
        "BatchNorm of \(inputSize) channels takes floating-point numbers of shape "
          + "(\(inputSize), …), got \(x.aval)")
    }
    let (mean, variance) =
      inference ?? self.inference
      ? try runningStatistics(state) : try train(batchStatistics(x), &state)
    return try normalised(x, mean, variance)
  }
}

extension BatchNorm.Mode {
  /// The mode that Equinox calls `name`, and what it says about that.
  /// - Throws: `LayerError.badArgument` for a name that is no mode.
  public static func named(_ name: String) throws -> (mode: Self, warning: String?) {
    if let mode = Self(rawValue: name) { return (mode, nil) }
    guard name == "legacy" else {
      throw LayerError.badArgument("invalid mode '\(name)', must be 'ema' or 'batch'")
    }
    return (
      .ema,
      "a BatchNorm without a mode is 'ema' in Equinox, for compatibility; 'batch' is advised"
    )
  }
}

extension BatchNorm {
  /// Mean and biased variance of the batch, `[inputSize]` each (BN-01).
  private func batchStatistics(_ x: Tensor) throws -> Tuple<Tensor, Tensor> {
    let mean = try batchMean(x)
    let variance = try batchMean(square(x - alongChannels(mean, x)))
    return Tuple(mean, try maximum(zeros(like: variance), variance))
  }

  /// The mean over spatial axes, then over each named axis.
  private func batchMean(_ x: Tensor) throws -> Tensor {
    let local = x.rank > 1 ? try Core.mean(x, axes: Array(1..<x.rank)) : x
    return try axisName.reduce(local) { try pmean($0, axisName: $1) }
  }

  /// (x − mean) / √(variance + ε) · weight + bias.
  private func normalised(_ x: Tensor, _ mean: Tensor, _ variance: Tensor) throws -> Tensor {
    let standard = try convention.standardised(
      x, alongChannels(mean, x), sqrt(variance + eps).alongChannels(of: x))
    guard let weight, let bias else { return standard }
    let dtype = wider(standard.dtype, weight.dtype)
    return try standard.asType(dtype) * weight.asType(dtype).alongChannels(of: x)
      + bias.asType(dtype).alongChannels(of: x)
  }

  private func alongChannels(_ y: Tensor, _ x: Tensor) throws -> Tensor {
    try y.alongChannels(of: x)
  }
}

extension Tensor {
  /// `[c]` as `[c, 1, …]`, of the rank of `x`.
  fileprivate func alongChannels(of x: Tensor) throws -> Tensor {
    x.rank > 1 ? try reshape(self, shape + [Int](repeating: 1, count: x.rank - 1)) : self
  }
}

/// The dtype of a sum of both.
func wider(_ a: DType, _ b: DType) -> DType { a == .f64 || b == .f64 ? .f64 : a }
