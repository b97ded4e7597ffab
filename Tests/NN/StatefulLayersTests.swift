// Sequences, the switch for inference, tied nodes, spectral normalisation.

import Core
import NN
import Random
import TestSupport
import Testing
import Tree

/// W·x.
private struct Dense: PlainLayer {
  var weight: Tensor

  mutating func visitFields(_ visitor: FieldVisitor) { visitor.field("weight", &weight) }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try matmul(weight, x) }
}

/// x + a normal number per element.
private struct Noise: RandomLayer {
  mutating func visitFields(_ visitor: FieldVisitor) {}

  func callAsFunction(_ x: Tensor, key: Key?) throws -> Tensor {
    guard let key else { throw LayerError.missingKey("Noise") }
    return try x + key.normal(x.shape, x.dtype)
  }
}

@Suite struct SequentialTests {
  @Test func `DO-06 the key is split by the number of layers, those without need included`() throws
  {
    let dense = Dense(weight: Tensor([[1, 2], [3, 4]]))
    let model = Sequential([dense, Noise(), dense, Dropout(0.5), Noise()])
    let x = Tensor([0.5, -1])
    let keys = try Key(9).split(5)
    let y = try Noise()(
      Dropout(0.5)(dense(Noise()(dense(x), key: keys[1])), key: keys[3]), key: keys[4])
    #expect(try isSame(model(x, key: Key(9)), y))
    #expect(throws: LayerError.missingKey("Noise")) { try model(x) }
  }

  @Test func `the state goes from layer to layer`() throws {
    let (model, start) = try makeWithState {
      var norm = try BatchNorm(2, axisName: "batch", dtype: .f64)
      norm.bias = Tensor([1, 2], .f64)
      return try Sequential([
        norm, Dense(weight: Tensor([[1, 2]], .f64)),
        Sequential([BatchNorm(1, axisName: "batch", dtype: .f64, mode: .ema)]),
      ])
    }
    #expect(
      start.paths == [
        "Sequential.layers[0].batchCounter", "Sequential.layers[0].batchStateIndex",
        "Sequential.layers[2].layers[0].emaFirstTimeIndex",
        "Sequential.layers[2].layers[0].emaStateIndex",
      ])
    var state = start
    let x = dyadicBatch([4, 2], 1)
    let y = try vmap(x, axisName: "batch", state: &state) { x, state in
      try model(x, state: &state)
    }
    #expect(y.shape == [4, 1])
    let changed = zip(state.leaves, start.leaves).map { a, b in
      (try? isSame(#require(a.tensor), #require(b.tensor))) == false
    }
    #expect(changed == [Bool](repeating: true, count: 6))
    #expect(throws: StateError.unknown("Sequential.layers[0].batchStateIndex")) {
      try inferenceMode(model)(Tensor([1, 2], .f64))
    }
  }

  @Test func `layers are found by place and a range of them is a sequence`() throws {
    let model = Sequential([Dropout(0.5), Noise(), Dropout(0.25)])
    #expect(model.count == 3 && model[1] is Noise)
    #expect(model[1..<3].count == 2)
    #expect(
      model.leafPaths.map(\.description) == [
        ".layers[0].p", ".layers[0].inference", ".layers[2].p", ".layers[2].inference",
      ])
    #expect(model.treeDef != Sequential([Dropout(0.5), Dropout(0.5), Noise()]).treeDef)
  }
}

@Suite struct InferenceModeTests {
  @Test func `DO-08 every switch at any depth is set, and set back`() throws {
    let (model, _) = try makeWithState {
      try Sequential([
        Dropout(0.5), Sequential([BatchNorm(2, axisName: "b"), Dropout(0.1, inference: true)]),
      ])
    }
    func switches(_ tree: some PyTree) -> [Bool] {
      tree.leaves.compactMap { if case .bool(let bit) = $0 { bit } else { nil } }
    }
    #expect(switches(model) == [false, false, true])
    #expect(switches(inferenceMode(model)) == [true, true, true])
    #expect(switches(inferenceMode(inferenceMode(model), false)) == [false, false, false])
    #expect(inferenceMode(model).treeDef == model.treeDef)
  }

  @Test func `DO-08 a Bool of another name and a tree without switches stay`() throws {
    let tree = ["training": true, "inference": false]
    #expect(inferenceMode(tree) == tree, "a key of a dictionary is no property")
    #expect(inferenceMode([true, false]) == [true, false])
  }
}

@Suite struct SharedTests {
  private struct Pair: Module {
    var embedding: Dense
    var head: Dense

    mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("embedding", &embedding)
      visitor.field("head", &head)
    }
  }

  private let pair = Pair(
    embedding: Dense(weight: Tensor([[1, 2], [3, 4]])),
    head: Dense(weight: Tensor([[5, 6], [7, 8]])))

  @Test func `PT-16 a tied node is stored once and put in at the call`() throws {
    let shared = try Shared(pair, at: \.head.weight, from: \.embedding.weight)
    #expect(shared.leafPaths.map(\.description) == [".tree.embedding.weight"])
    let whole = try shared()
    #expect(try isSame(whole.head.weight, pair.embedding.weight))
    #expect(whole.treeDef == pair.treeDef)
    let moved = try treeMap(tensors: shared) { try $0 * 2 }
    #expect(try moved().head.weight.scalars == [2, 4, 6, 8])
    #expect(try moved().embedding.weight.scalars == [2, 4, 6, 8])
  }

  @Test func `PT-16 the gradient of a tied node is the sum over its places`() throws {
    let shared = try Shared(pair, at: \.head.weight, from: \.embedding.weight)
    let x = Tensor([1, -1])
    func loss(_ w: [Tensor]) throws -> Tensor {
      try sum(square(matmul(w[1], tanh(matmul(w[0], x)))))
    }
    let tied = try grad { (w: [Tensor]) in
      let whole = try shared.unflatten([.tensor(w[0])])()
      return try sum(square(whole.head(tanh(whole.embedding(x)))))
    }([pair.embedding.weight])[0]
    let w = pair.embedding.weight
    let parts = try grad(loss)([w, w])
    // Two terms in another order: one rounding.
    for (a, b) in zip(try tied.scalars, try (parts[0] + parts[1]).scalars) {
      #expect(abs(a - b) <= 2 * roundoff(.f32) * abs(b))
    }
  }

  private struct Four: Module {
    var a: Dense
    var b: Dense
    var table: Tensor
    var transposed: Tensor
    var turned: Tensor {
      get { (try? Core.transpose(table)) ?? table }
      set {}
    }

    mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("a", &a)
      visitor.field("b", &b)
      visitor.field("table", &table)
      visitor.field("transposed", &transposed)
    }
  }

  private let four = Four(
    a: Dense(weight: Tensor([[1, 2]])), b: Dense(weight: Tensor([[3, 4]])),
    table: Tensor([[5, 6, 7], [8, 9, 10]]), transposed: Tensor([[0, 0], [0, 0], [0, 0]]))

  // As `eqx.nn.Shared(tree, lambda t: (t.b, t.transposed), lambda t: (t.a, t.table.T))` of 0.13.8.
  @Test func `PT-16 several nodes are tied to sources of their own, of types of their own`() throws
  {
    let shared = try Shared(
      four, Tie(at: \.b, from: \.a), Tie(at: \.transposed, from: \.turned))
    #expect(shared.leafPaths.map(\.description) == [".tree.a.weight", ".tree.table"])
    let doubled = try treeMap(tensors: shared) { try $0 * 2 }()
    #expect(try doubled.b.weight.scalars == [2, 4])
    #expect(try doubled.transposed.scalars == [10, 16, 12, 18, 14, 20])
    #expect(doubled.treeDef == four.treeDef)
    #expect(throws: Never.self) { try checkFields(of: shared) }
    let other = try Shared(four, Tie(at: \.b, from: \.a))
    #expect(shared.treeDef != other.treeDef, "the ties are structure")
  }

  @Test func `PT-16 a node is tied once, and what it is tied to is not tied`() throws {
    #expect(throws: LayerError.self) {
      try Shared(four, Tie(at: \.b, from: \.a), Tie(at: \.b.weight, from: \.a.weight))
    }
    #expect(throws: LayerError.self) {
      try Shared(four, Tie(at: \.b, from: \.a), Tie(at: \.a, from: \.b))
    }
  }

  @Test func `PT-16 nodes of different shapes cannot be tied`() throws {
    var pair = pair
    pair.head.weight = Tensor([[1, 2]])
    #expect(throws: LayerError.self) {
      try Shared(pair, at: \.head.weight, from: \.embedding.weight)
    }
  }
}

@Suite struct SpectralNormTests {
  private let weight = Tensor([[3, 0, 0], [0, 1, 0]], .f64)

  private func make(_ weight: Tensor) throws -> (SpectralNorm<Dense>, State) {
    try makeWithState {
      try SpectralNorm(Dense(weight: weight), weight: \.weight, key: Key(1))
    }
  }

  @Test func `the parameter is divided by its largest singular value`() throws {
    var (layer, state) = try make(weight)
    // 15 iterations of ratio 1/3 each way: the rest is (1/9)¹⁶ of the start, 5e-16.
    let y = try layer(Tensor([1, 2, 5], .f64), state: &state).scalars
    #expect(abs(y[0] - 1) < 1e-12 && abs(y[1] - 2.0 / 3) < 1e-12)
    layer.inference = true
    let before = state
    _ = try layer(Tensor([1, 2, 5], .f64), state: &state)
    #expect(try isSame(before, state), "inference leaves u and v")
  }

  @Test func `scaling the parameter by a power of two changes nothing`() throws {
    let w = dyadicBatch([3, 4], 7)
    let ((one, first), (two, second)) = try (make(w), make(w * 8))
    var (state, other) = (first, second)
    let x = dyadicBatch([4], 8)
    for _ in 0..<3 {
      let (a, b) = try (one(x, state: &state), two(x, state: &other))
      // eps·8 is not reached: norms are far above 1e-12.
      #expect(try isSame(a, b))
    }
  }

  @Test func `training calls come closer to the largest singular value from below`() throws {
    let w = Tensor([[1, 0.02, 0], [0.03, 0.97, 0.01], [0.2, 0, 0.95]], .f64)
    let (layer, start) = try make(w)
    var state = start
    var last = 0.0
    for _ in 0..<20 {
      _ = try layer(Tensor([1, 0, 0], .f64), state: &state)
      let (u, v) = try state.get(layer.uvIndex).elements
      let sigma = try matmul(u, matmul(w, v)).item
      #expect(sigma >= last - 20 * roundoff(.f64))
      last = sigma
    }
    let longest = try norm(w).item
    #expect(last <= longest && last > 0.95)
  }

  @Test func `the gradient reaches the parameter through W and σ but not through u and v`() throws {
    let (layer, start) = try make(Tensor([[2, 1], [0.5, 1]], .f64))
    let x = Tensor([1, -2], .f64)
    let gradient = try grad { (w: Tensor) in
      var (layer, state) = (layer, start)
      layer.layer.weight = w
      return try sum(layer(x, state: &state))
    }(layer.layer.weight)
    // f(c·W) = f(W): the gradient is orthogonal to W, up to some 30 roundings of numbers below 4.
    #expect(abs(try sum(gradient * layer.layer.weight).item) < 4 * 4 * 30 * roundoff(.f64))
    #expect(try norm(gradient).item > 0.1)
  }

  @Test func `the gradient of a training call is that of inference with the new u and v`() throws {
    let (layer, start) = try make(Tensor([[2, 1], [0.5, 1]], .f64))
    var state = start
    // Far from converged: here a derivative through the iterations would show.
    try state.set(layer.uvIndex, to: Tuple(Tensor([1, 0], .f64), Tensor([0, 1], .f64)))
    let x = Tensor([1, -2], .f64)
    func slope(_ layer: SpectralNorm<Dense>, _ state: State) throws -> Tensor {
      try grad { (w: Tensor) in
        var (layer, state) = (layer, state)
        layer.layer.weight = w
        return try sum(layer(x, state: &state))
      }(layer.layer.weight)
    }
    let training = try slope(layer, state)
    _ = try layer(x, state: &state)
    #expect(try isSame(training, slope(inferenceMode(layer), state)))
  }

  @Test func `a vector has no spectral norm`() throws {
    #expect(throws: LayerError.self) { try make(Tensor([1, 2])) }
  }
}
