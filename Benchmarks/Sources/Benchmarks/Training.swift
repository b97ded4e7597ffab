// Whole train steps as a user calls them: filterJit of forward, backward and Adam, on trees.
//
// `--suite training --input FILE --kind resnet|bn|conv --sizes A,B,…` runs one workload on the numbers
// of a file (parameters, x, y as raw f32) and prints the losses of the first five steps, then seconds
// per step: what peers/training.py compares with Equinox. Without an input every workload runs on
// numbers of our own.

import Assay
import Foundation

/// What is trained, and its sizes: (hidden, batch, depth), (hidden, batch), or (batch, channels in and out,
/// length, kernel).
struct Workload {
  enum Kind: String { case resnet, bn, conv }
  let kind: Kind
  let sizes: [Int]

  static let all: [Workload] =
    [64, 512].flatMap { hidden in
      [32, 256, 2048].map { Workload(kind: .resnet, sizes: [hidden, $0, 4]) }
    } + [[64, 32], [64, 256], [512, 256], [512, 2048]].map { Workload(kind: .bn, sizes: $0) }
    + [[32, 16, 32, 128, 3], [32, 64, 64, 256, 5]].map { Workload(kind: .conv, sizes: $0) }

  var name: String { ([kind.rawValue] + sizes.map(String.init)).joined(separator: "/") }
}

/// One step on everything that it changes; the loss.
private typealias TrainStep = () throws -> Tensor

func benchmarkTraining(_ settings: Settings) throws {
  try withBackend(OpenBLASBackend(threads: settings.threads)) {
    guard let input = value(of: "--input") else {
      for workload in Workload.all {
        let step = try step(workload, Numbers())
        report(
          "training", workload.name, settings, unit: "steps/s",
          try Measurement.repeated(5) { _ = try step() }
        ) { 1 / $0 }
      }
      return
    }
    let kind = value(of: "--kind").flatMap(Workload.Kind.init) ?? .resnet
    let sizes = (value(of: "--sizes") ?? "").split(separator: ",").compactMap { Int($0) }
    try runOne(Workload(kind: kind, sizes: sizes), Numbers(contentsOf: input))
  }
}

/// Prints losses and seconds of one workload.
private func runOne(_ workload: Workload, _ numbers: Numbers) throws {
  let step = try step(workload, numbers)
  let losses = try (0..<5).map { _ in try step().item }
  print("losses", losses.map { "\($0)" }.joined(separator: " "))
  let measurement = try Measurement.repeated(15) { _ = try step() }
  print("seconds", measurement.samples.map { "\($0)" }.joined(separator: " "))
  print("processor", measurement.processor.map { "\($0)" }.joined(separator: " "))
}

private func step(_ workload: Workload, _ numbers: Numbers) throws -> TrainStep {
  let sizes = workload.sizes
  switch workload.kind {
  case .resnet:
    return try residualStep(ResidualNet(width: sizes[0], depth: sizes[2]), sizes[1], numbers)
  case .bn: return try normalisedStep(NormalisedNet(width: sizes[0]), sizes[1], numbers)
  case .conv:
    return try convStep(
      ConvBlock(sizes[1], sizes[2], kernel: sizes[4]), [sizes[0], sizes[1], sizes[3]], numbers)
  }
}

private typealias AdamState = Chain<ScaleByAdam, ScaleByLearningRate>.State

private func residualStep(
  _ start: ResidualNet, _ batch: Int, _ numbers: Numbers
) throws -> TrainStep {
  let optimiser = adam(1e-3)
  var numbers = numbers
  let model = try numbers.filling(start)
  let (x, y) = (numbers.next([batch, 1]), numbers.next([batch, 1]))
  var run = Tuple(model, try optimiser.initialise(model))
  let step = filterJitInPlace { (run: inout Tuple<ResidualNet, AdamState>, x: Tensor, y: Tensor) in
    var (model, state) = run.elements
    let differentiated = filterValueAndGrad { (model: ResidualNet, x: Tensor, y: Tensor) in
      try mean(square(vmap { try model($0) }(x) - y))
    }
    let (loss, gradient) = try differentiated(model, x, y)
    let updates = try optimiser.update(gradient, &state, model)
    model = try applyUpdates(model, updates)
    run = Tuple(model, state)
    return loss
  }
  return { try step(&run, x, y) }
}

private func normalisedStep(
  _ start: NormalisedNet, _ batch: Int, _ numbers: Numbers
) throws -> TrainStep {
  let optimiser = adam(1e-3)
  var numbers = numbers
  let made = try makeWithState { start }
  let model = try numbers.filling(made.0)
  let (x, y) = (numbers.next([batch, 8]), numbers.next([batch, 1]))
  var run = Tuple(model, made.1, try optimiser.initialise(model))
  let step = filterJitInPlace {
    (run: inout Tuple<NormalisedNet, State, AdamState>, x: Tensor, y: Tensor) in
    var (model, statistics, state) = run.elements
    let differentiated = filterValueAndGrad(
      hasAux: { (model: NormalisedNet, statistics: State, x: Tensor, y: Tensor) in
        var statistics = statistics
        let out = try vmap(x, axisName: "batch", state: &statistics) { x, state in
          try model(x, state: &state)
        }
        return (try mean(square(out - y)), statistics)
      })
    let loss: Tensor
    let gradient: LeafMap<NormalisedNet, Tensor?>
    (loss, statistics, gradient) = try differentiated(model, statistics, x, y)
    let updates = try optimiser.update(gradient, &state, model)
    model = try applyUpdates(model, updates)
    run = Tuple(model, statistics, state)
    return loss
  }
  return { try step(&run, x, y) }
}

private func convStep(
  _ start: ConvBlock, _ shape: [Int], _ numbers: Numbers
) throws -> TrainStep {
  var numbers = numbers
  let model = try numbers.filling(start)
  let x = numbers.next(shape)
  let step = filterJit { (model: ConvBlock, x: Tensor) in
    let differentiated = filterValueAndGrad { (model: ConvBlock, x: Tensor) in
      try mean(square(vmap { try model($0) }(x)))
    }
    let (loss, gradient) = try differentiated(model, x)
    return Tuple(gradient, loss)
  }
  return { try step(model, x).elements.1 }
}

/// The numbers that a workload starts from, in the order in which they are asked for.
struct Numbers {
  private var rest: ArraySlice<Float>?
  private var made: UInt32 = 0

  /// Numbers of our own between −0.1 and 0.1, the same in every run.
  init() { rest = nil }

  /// Those of a file of raw f32.
  init(contentsOf path: String) throws {
    let data = try Data(contentsOf: URL(filePath: path))
    rest = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }[...]
  }

  /// The next `shape`.
  mutating func next(_ shape: [Int]) -> Tensor {
    let count = shape.reduce(1, *)
    if let numbers = rest {
      rest = numbers.dropFirst(count)
      return Tensor(shape: shape, .f32(Array(numbers.prefix(count))))
    }
    return Tensor(
      shape: shape,
      .f32(
        (0..<count).map { _ in
          made = made &* 1_664_525 &+ 1_013_904_223
          return Float(Int32(bitPattern: made)) * 0x1p-31 * 0.1
        }))
  }

  /// `model` with its floating-point tensors replaced by the next numbers.
  mutating func filling<M: PyTree>(_ model: M) throws -> M {
    let (leaves, _) = model.flatten()
    return try model.unflatten(
      leaves.map { leaf in
        guard case .tensor(let tensor) = leaf, tensor.dtype.isInexact else { return leaf }
        return .tensor(next(tensor.shape))
      })
  }
}
