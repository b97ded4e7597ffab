// What BatchNorm remembers of the batches it has seen.
//
// Both modes keep averages r ← m·r + (1 − m)·batch. Mode `ema` starts with the first batch. Mode `batch`
// starts with 0, so that after k batches the weights sum to 1 − mᵏ, by which inference divides. The law:
// statistics of k equal batches are those of the batch, and statistics of any batches lie between
// theirs. Before any batch both modes have mean 0 and variance 1: inference passes its input.
//
// Equinox 0.13.8 starts the variance of mode `batch` with 1 and divides it all the same, so that
// inference adds mᵏ / (1 − mᵏ) to the variance: 99 after one batch with momentum 0.99 (DV-30). It starts
// mode `ema` with variance 0, and so an untrained layer multiplies by 1/√ε (DV-31); and it takes the dtype
// of inference without a gain from the statistics, that of training from the input (DV-32).

import Core
import Tree

extension BatchNorm.Convention {
  /// Mean and variance before any batch.
  func start(
    _ mode: BatchNorm.Mode, _ size: Int, _ dtype: DType
  ) throws -> Tuple<Tensor, Tensor> {
    let (none, one) = try (zeros([size], dtype), ones([size], dtype))
    switch (self, mode) {
    case (.consistent, .ema), (.equinox, .batch): return Tuple(none, one)
    case (.consistent, .batch), (.equinox, .ema): return Tuple(none, none)
    }
  }

  /// (x − mean) / deviation.
  func standardised(_ x: Tensor, _ mean: Tensor, _ deviation: Tensor) throws -> Tensor {
    let dtype = wider(x.dtype, mean.dtype)
    let y = try (x.asType(dtype) - mean.asType(dtype)) / deviation.asType(dtype)
    switch self {
    case .consistent: return try y.asType(x.dtype)
    case .equinox: return y
    }
  }

  /// 1 − mᵏ, the sum of the weights of k batches, `f64[]`.
  fileprivate func weight(of count: Tensor, _ momentum: Double) throws -> Tensor {
    let count = try count.asType(.f64)
    switch self {
    // The difference would lose what 1 − m has fewer digits than 1.
    case .consistent where momentum > 0: return try -expm1(count * log(Tensor(momentum, .f64)))
    case .consistent, .equinox: return try 1 - pow(Tensor(momentum, .f64), count)
    }
  }
}

extension BatchNorm {
  /// Stores the statistics of a batch; those to normalise this batch with.
  func train(
    _ batch: Tuple<Tensor, Tensor>, _ state: inout State
  ) throws -> (mean: Tensor, variance: Tensor) {
    switch mode {
    case .ema:
      let place = try index(emaStateIndex)
      let average = try averaged(state.get(place), batch)
      let isFirst = try state.get(index(emaFirstTimeIndex))
      let new = try Tuple(
        `where`(isFirst, batch.elements.0.asType(average.elements.0.dtype), average.elements.0),
        `where`(isFirst, batch.elements.1.asType(average.elements.1.dtype), average.elements.1))
      try state.set(place, to: new)
      try state.set(index(emaFirstTimeIndex), to: Tensor(shape: [], .bool([false])))
      return new.elements
    case .batch:
      let place = try index(batchStateIndex)
      let counter = try index(batchCounter)
      try state.set(place, to: averaged(state.get(place), batch))
      try state.set(counter, to: state.get(counter) + 1)
      return batch.elements
    }
  }

  /// m·old + (1 − m)·batch, in the wider dtype: `State.set` refuses what does not fit (BN-11).
  private func averaged(
    _ old: Tuple<Tensor, Tensor>, _ batch: Tuple<Tensor, Tensor>
  ) throws -> Tuple<Tensor, Tensor> {
    func average(_ old: Tensor, _ new: Tensor) throws -> Tensor {
      let dtype = wider(old.dtype, new.dtype)
      return try old.asType(dtype) * momentum + new.asType(dtype) * (1 - momentum)
    }
    return try Tuple(
      average(old.elements.0, batch.elements.0), average(old.elements.1, batch.elements.1))
  }

  /// The statistics for inference.
  func runningStatistics(_ state: State) throws -> (mean: Tensor, variance: Tensor) {
    switch mode {
    case .ema: return try state.get(index(emaStateIndex)).elements
    case .batch:
      let (mean, variance) = try state.get(index(batchStateIndex)).elements
      let count = try state.get(index(batchCounter))
      let isNew = try equal(count, Tensor(0, .i32))
      let weight = try convention.weight(of: count, momentum)
      let divisor = try `where`(isNew, ones(like: weight), weight).asType(mean.dtype)
      let untrained = convention == .equinox ? variance : try ones(like: variance)
      return (try mean / divisor, try `where`(isNew, untrained, variance / divisor))
    }
  }

  /// The index that the mode has.
  private func index<V>(_ index: StateIndex<V>?) throws -> StateIndex<V> {
    guard let index else {
      throw LayerError.badArgument("a BatchNorm of mode \(mode.rawValue) has lost its state index")
    }
    return index
  }
}
