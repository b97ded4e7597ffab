// Linear, MLP, PReLU, Embedding, WeightNorm: laws that hold bit for bit on whole numbers.

import Core
import NN
import Random
import Testing
import Tree

@Suite struct LinearTests {
  private func layer(_ index: Int = 0) throws -> Linear {
    try Linear(weight: wholes([3, 4], index), bias: wholes([3], index + 100))
  }

  @Test func `LA-06 a Linear is affine and its columns are its values at unit vectors`() throws {
    let f = try layer()
    let (x, y) = (wholes([4], 1), wholes([4], 2))
    let origin = try f(zeros([4], .f64))
    try expectAgree(origin, #require(f.bias))
    try expectAgree(f(x + y) + origin, f(x) + f(y))
    try expectAgree(f(x * 3) - origin, (f(x) - origin) * 3)
    for i in 0..<4 {
      let unit = try equal(arange(4), Tensor(Double(i), .i32)).asType(.f64)
      try expectAgree(f(unit) - origin, f.weight[Stride.all, i])
    }
  }

  @Test func `LA-06 a vector is taken, a matrix where the bias admits it, a row of batches never`()
    throws
  {
    let f = try Linear(weight: wholes([3, 2], 0), bias: wholes([3], 1))
    let x = wholes([2, 3], 2)
    let y = try f(x)
    for column in 0..<3 {
      // The bias runs along the columns, whoever meant it for the rows.
      let one = try matmul(f.weight, x[Stride.all, column])
      try expectAgree(y[Stride.all, column], one + #require(f.bias)[column])
    }
    #expect(refuses("contracting dimensions") { try f(wholes([3, 2], 3)) })
    #expect(refuses("ndim at least 1") { try f(Tensor(1, .f64)) })
    let single = try Linear(2, 3, key: Key(0))
    #expect(try single(Tensor([1, 2], .i32)).dtype == .f32)
    #expect(try single(Tensor([1, 2], .f64)).dtype == .f64)
  }

  @Test func `LA-01 scalar sizes stand for one number`() throws {
    let both = try Linear(
      weight: Tensor([[3]], .f64), bias: Tensor([4], .f64), hasScalarInput: true,
      hasScalarOutput: true)
    #expect(try both(Tensor(5, .f64)).item == 19)
    #expect(try both(Tensor(5, .f64)).rank == 0)
    #expect(refuses("scalar shape") { try both(Tensor([5], .f64)) })
    let drawn = try Linear(.scalar, 3, key: Key(1))
    let vector = try Linear(1, 3, key: Key(1))
    try expectAgree(drawn(Tensor(2)), vector(Tensor([2])))
    #expect(drawn.treeDef != vector.treeDef)
  }

  @Test(arguments: [DType.f32, .f64], [0, 1, 3, 49])
  func `LA-01 weights come from the first half of the key and biases from the second`(
    dtype: DType, inputs: Int
  ) throws {
    let key = Key(42)
    let (first, second) = try key.split()
    let f = try Linear(inputs, 5, dtype: dtype, key: key)
    let limit = inputs == 0 ? 1 : 1 / Double(inputs).squareRoot()
    try expectAgree(f.weight, first.uniform([5, inputs], dtype, from: -limit, to: limit))
    try expectAgree(#require(f.bias), second.uniform([5], dtype, from: -limit, to: limit))
    #expect(try f.bias?.scalars.allSatisfy { abs($0) <= limit } == true)
    let bare = try Linear(inputs, 5, useBias: false, dtype: dtype, key: key)
    #expect(bare.bias == nil)
    try expectAgree(bare.weight, f.weight)
    #expect(refuses("float dtype") { try Linear(2, 2, dtype: .i32, key: key) })
    #expect(refuses("not negative") { try Linear(-1, 2, key: key) })
  }

  @Test func `Identity gives its input and Lambda what its function gives`() throws {
    let x = wholes([2, 3], 0)
    try expectAgree(Identity()(x), x)
    try expectAgree(Lambda { try $0 * 2 }(x), x + x)
    #expect(Identity().leaves.isEmpty)
  }
}

@Suite struct MLPTests {
  @Test(arguments: [0, 1, 2, 4])
  func `LA-03 an MLP is its layers one after another with activations between`(depth: Int) throws {
    let net = try MLP(
      3, 2, widthSize: 5, depth: depth, activation: Function.tanh,
      finalActivation: Function.sigmoid,
      dtype: .f64, key: Key(7))
    let x = wholes([3], 0)
    #expect(net.layers.count == depth + 1)
    let hidden = try net.layers.dropLast().reduce(x) { try tanh($1($0)) }
    try expectAgree(net(x), logistic(net.layers[depth](hidden)))
    let keys = try Key(7).split(depth + 1)
    for (i, layer) in net.layers.enumerated() {
      let (inputs, outputs) = (i == 0 ? 3 : 5, i == depth ? 2 : 5)
      try expectAgree(
        layer.weight, Linear(inputs, outputs, dtype: .f64, key: keys[i]).weight, "layer \(i)")
    }
  }

  @Test func `LA-03 DV-40 the final activation is applied at every depth, in Equinox not at 0`()
    throws
  {
    func net(_ depthZero: MLP.DepthZero, _ depth: Int) throws -> MLP {
      try MLP(
        2, 3, widthSize: 4, depth: depth, finalActivation: Function("square") { try square($0) },
        dtype: .f64, atDepthZero: depthZero, key: Key(0))
    }
    let x = wholes([2], 0)
    let ours = try net(.appliesFinalActivation, 0)
    try expectAgree(ours(x), square(ours.layers[0](x)))
    try expectAgree(net(.omitsFinalActivation, 0)(x), ours.layers[0](x))
    try expectAgree(net(.omitsFinalActivation, 1)(x), net(.appliesFinalActivation, 1)(x))
  }

  // The three layers of `eqx.nn.MLP(…, scan=True)` of 0.13.8 at every depth but 0.
  @Test(arguments: [0, 1, 2, 4])
  func `LA-03 an MLP with its hidden layers in one stack is the MLP of the same key`(depth: Int)
    throws
  {
    func make(scan: Bool) throws -> MLP {
      try MLP(
        3, 2, widthSize: 4, depth: depth, activation: PReLU(0.5), useBias: depth != 2, scan: scan,
        key: Key(5))
    }
    let (list, stack) = try (make(scan: false), make(scan: true))
    #expect(stack.layers.count == (depth == 0 ? 1 : 3))
    if depth > 0 { #expect(stack.layers[1].weight.shape == [depth - 1, 4, 4]) }
    // One slope for each neuron of each layer, all different.
    func bent(_ mlp: MLP) throws -> MLP {
      var mlp = mlp
      let slopes = try reshape(
        Tensor((0..<(mlp.depth * 4)).map { Double($0) / 8 - 1 }), [mlp.depth, 4])
      mlp.activation = try treeMap(tensors: mlp.activation) { _ in slopes }
      return mlp
    }
    let x = Tensor([1, -2, 0.5])
    let (a, b) = try (bent(list), bent(stack))
    #expect(try isSame(a(x), b(x)))
    let inputs = grad { (x: Tensor) in try sum(square(a(x))) }
    let stacked = grad { (x: Tensor) in try sum(square(b(x))) }
    #expect(try isSame(inputs(x), stacked(x)))
    let program = filterMakeJaxpr { (m: MLP, x: Tensor) in try m(x) }
    let scans = try program(b, x).eqns.count { $0.primitive.name == "scan" }
    #expect(scans == (depth == 0 ? 0 : 1))
    #expect(list.treeDef != stack.treeDef)
  }

  @Test func `LA-03 a learnt activation has weights of its own for every neuron`() throws {
    var net = try MLP(
      layers: [
        Linear(weight: wholes([3, 2], 0), bias: nil), Linear(weight: wholes([3, 3], 1), bias: nil),
        Linear(weight: wholes([2, 3], 2), bias: nil),
      ], activation: PReLU(0.25, dtype: .f64), finalActivation: PReLU(0.5, dtype: .f64))
    let shapes = net.leaves.compactMap(\.tensor).map(\.shape)
    #expect(shapes == [[3, 2], [3, 3], [2, 3], [2, 3], [2]])
    #expect(
      net.leafPaths.map(\.description).suffix(2) == [
        ".activation.negativeSlope", ".finalActivation.negativeSlope",
      ])
    let slopes = [try wholes([2, 3], 3) / 4, try wholes([2], 4) / 4]
    net.activation = try treeMap(tensors: net.activation) { _ in slopes[0] }
    net.finalActivation = try treeMap(tensors: net.finalActivation) { _ in slopes[1] }
    let (hidden, final) = (slopes[0], slopes[1])
    func bent(_ x: Tensor, _ slope: Tensor) throws -> Tensor {
      try `where`(greaterOrEqual(x, zeros(like: x)), x, slope * x)
    }
    for index in 5..<15 {
      let x = wholes([2], index)
      let first = try bent(net.layers[0](x), hidden[0])
      let second = try bent(net.layers[1](first), hidden[1])
      try expectAgree(net(x), bent(net.layers[2](second), final))
    }
  }

  @Test func `LA-03 scalars at both ends, and biases where they are asked for`() throws {
    let net = try MLP(
      .scalar, .scalar, widthSize: 4, depth: 2, useBias: false, useFinalBias: true, key: Key(0))
    #expect(try net(Tensor(1)).rank == 0)
    #expect(net.layers.map(\.useBias) == [false, false, true])
    #expect(refuses("depth") { try MLP(1, 1, widthSize: 1, depth: -1, key: Key(0)) })
  }
}

@Suite struct ActivationTests {
  @Test func `PReLU is homogeneous, the identity on one side and linear on the other`() throws {
    let layer = PReLU(try wholes([5], 0) / 4)
    let x = wholes([3, 5], 1)
    try expectAgree(layer(x * 3), layer(x) * 3)
    try expectAgree(layer(abs(x)), abs(x))
    try expectAgree(layer(-abs(x)), -abs(x) * layer.negativeSlope)
    #expect(try PReLU()(Tensor([-2, 0, 2])).scalars == [-0.5, 0, 2])
  }

  @Test func `at 0 a PReLU has the slope of the positive side and none for its weight`() throws {
    let layer = PReLU(Tensor(0.25, .f64))
    #expect(try grad { try layer($0) }(Tensor(0, .f64)).item == 1)
    #expect(try grad { try PReLU($0)(Tensor(0, .f64)) }(Tensor(0.25, .f64)).item == 0)
    #expect(try grad { try PReLU($0)(Tensor(-3, .f64)) }(Tensor(0.25, .f64)).item == -3)
  }
}

@Suite struct EmbeddingTests {
  private let table = wholes([5, 3], 0)

  @Test func `LA-04 a lookup is a product with a unit vector, and so is its gradient`() throws {
    let layer = try Embedding(weight: table)
    for i in 0..<5 {
      let unit = try equal(arange(5), Tensor(Double(i), .i32)).asType(.f64)
      try expectAgree(layer(i), matmul(unit, table))
      let ct = wholes([3], i + 1)
      let gradient = try grad { try sum(Embedding(weight: $0)(i) * ct) }(table)
      try expectAgree(gradient, expandDims(unit, 1) * expandDims(ct, 0))
    }
  }

  @Test(arguments: [(5, 4), (9, 4), (-1, 4), (-5, 0), (-6, 0), (-100, 0)])
  func `LA-04 an index out of range reads the nearest row, a negative one counts back`(
    index: Int, row: Int
  ) throws {
    let layer = try Embedding(weight: table)
    try expectAgree(layer(index), table[row])
    let gradient = try grad { try sum(Embedding(weight: $0)(index)) }(table)
    try expectAgree(gradient, grad { try sum(Embedding(weight: $0)(row)) }(table))
  }

  @Test func `LA-04 the table is normal numbers of the key itself, and arguments are checked`()
    throws
  {
    try expectAgree(Embedding(4, 3, key: Key(5)).weight, Key(5).normal([4, 3]))
    #expect(refuses("scalar index") { try Embedding(weight: table)(Tensor([1], .i32)) })
    #expect(refuses("negative") { try Embedding(-1, 2, key: Key(0)) })
    #expect(refuses("weight must have shape") { try Embedding(weight: Tensor([1, 2])) })
  }
}

@Suite struct WeightNormTests {
  /// Rows of whole length, so that the norm is exact.
  private let v = Tensor([[3, 4, 0], [2, 1, 2], [0, -6, 8]], .f64)

  @Test func `at the start the layer is itself, and the length of v never matters`() throws {
    let plain = try Linear(weight: v, bias: wholes([3], 0))
    var layer = try WeightNorm(plain)
    #expect(try layer.g.scalars == [5, 3, 10])
    #expect(layer.g.shape == [3, 1])
    let x = wholes([3], 1)
    try expectAgree(layer(x), plain(x))
    layer.layer.weight = try v * Tensor([[2], [4], [8]], .f64)
    try expectAgree(layer(x), plain(x), "powers of two")
    layer.g = try layer.g * 2
    try expectAgree(layer(x), plain(x) * 2 - #require(plain.bias))
  }

  @Test func `the axis says which lengths are kept apart`() throws {
    let plain = try Linear(weight: Tensor([[3, 0], [4, 2]], .f64), bias: nil)
    #expect(try WeightNorm(plain, axis: 1).g.scalars == [5, 2])
    #expect(try WeightNorm(plain, axis: -1).g.shape == [1, 2])
    let whole = try Linear(weight: Tensor([[1, 2], [2, 4]], .f64), bias: nil)
    #expect(try WeightNorm(whole, axis: nil).g.scalars == [5])
    #expect(refuses("out of bounds") { try WeightNorm(plain, axis: 2) })
    let conv = try Conv1d(2, 3, kernelSize: 2, dtype: .f64, key: Key(0))
    #expect(try WeightNorm(conv).g.shape == [3, 1, 1])
  }
}
