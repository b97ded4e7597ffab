// What Equinox's filtered transformations say, case by case (fixtures/filters.h5). All numbers are
// small whole numbers, so results are exact and compared as they are.

import Core
import Testing
import Tree

private func cases(_ kind: String) throws -> [TreeCase] {
  try TreeCase.all(kind, in: "filters.h5")
}

/// Whether the values are those found, of the same types, with nothing where nothing was found.
private func agree(_ found: JSON, _ leaves: [Leaf?]) throws -> Bool {
  guard found.array.count == leaves.count else { return false }
  return try zip(found.array, leaves).allSatisfy { found, leaf in
    guard let leaf else { return found.keys.isEmpty }
    guard !found.keys.isEmpty else { return false }
    return try treeEqual(found.tree(), DynamicTree.leaf(leaf), typematch: true)
  }
}

private func agree(_ found: JSON, _ value: Tensor) throws -> Bool {
  try treeEqual(found.tree(), DynamicTree.leaf(.tensor(value)), typematch: true)
}

private func agree(_ found: JSON, _ tensors: [Tensor?]) throws -> Bool {
  try agree(found, tensors.map { $0.map { .tensor($0) } })
}

// The functions, as tools/golden/cases/filters.py has them.

private func inexact(_ tree: DynamicTree) -> [(k: Int, x: Tensor)] {
  tree.leaves.enumerated().compactMap { k, leaf in
    isInexactArray(leaf) ? leaf.tensor.map { (k, $0) } : nil
  }
}

private func loss(_ tree: DynamicTree) throws -> Tensor {
  try inexact(tree).filter { $0.k % 3 != 2 }.reduce(Tensor(0, .f64)) { total, one in
    try total + sum(square(one.x.asType(.f64))) * Double(one.k + 1)
  }
}

private func scaled(_ tree: DynamicTree) throws -> DynamicTree {
  var k = 0
  return try treeMap(tree) { leaf in
    k += 1
    guard isInexactArray(leaf), let x = leaf.tensor else { return leaf }
    return .tensor(try x * x * Double(k))
  }
}

private func both(_ tree: DynamicTree) throws -> [Tensor] {
  let xs = inexact(tree).map(\.x)
  let zero = Tensor(0, .f64)
  return [
    try xs[0] * xs.reduce(zero) { try $0 + sum($1) }, try xs.reduce(zero) { try $0 + sum($1 * $1) },
  ]
}

private func curved(_ tree: DynamicTree) throws -> Tensor {
  let xs = inexact(tree).map(\.x)
  let squares = try xs.reduce(Tensor(0, .f64)) { try $0 + sum($1 * $1) }
  return try sum(xs[0]) * square(sum(xs[xs.count - 1])) + squares
}

private func directions(
  _ tree: DynamicTree, _ keeps: (Int) -> Bool
) throws -> LeafMap<DynamicTree, Tensor?> {
  let leaves = tree.leaves
  var values = leaves.map { _ in Tensor?.none }
  for (k, x) in inexact(tree) where keeps(k) {
    let numbers = (0..<x.aval.size).map { DoubleDouble(Double(k + 1 + $0)) }
    values[k] = Tensor(shape: x.shape, Storage(rounding: numbers, to: x.dtype))
  }
  return try LeafMap(like: tree, values: values)
}

@Suite struct GoldenFilterTests {
  @Test(
    "FG-01 FG-04 FG-05 FG-07 gradients have Equinox's structure and values",
    arguments: try cases("grad"))
  func gradients(one: TreeCase) throws {
    let found = try one.found()
    let tree = try found["tree"].tree()
    let withValue = filterValueAndGrad(loss)
    let (value, grad) = try withValue(tree)
    #expect(try agree(found["value"], value))
    #expect(try agree(found["grad"], grad.values))
    let withAux = filterValueAndGrad(hasAux: { (t: DynamicTree) in (try loss(t), try scaled(t)) })
    let (value2, aux, grad2) = try withAux(tree)
    #expect(try treeBitwiseEqual(value, value2) && treeBitwiseEqual(grad, grad2))
    #expect(try agree(found["aux"], aux.leaves.map { $0 }))
  }

  @Test(
    "FG-12 FG-14 tangents and cotangents are None where Equinox's are",
    arguments: try cases("products"))
  func products(one: TreeCase) throws {
    let found = try one.found()
    let tree = try found["tree"].tree()
    let (out, along) = try filterJVP(scaled, tree, directions(tree) { $0 % 2 == 0 })
    #expect(try agree(found["out"], out.leaves.map { $0 }))
    #expect(try agree(found["jvp"], along.values))
    let (_, pullback) = try filterVJP(scaled, tree)
    #expect(try agree(found["vjp"], pullback(directions(tree) { _ in true }).values))
  }

  @Test(
    "FG-15 FG-17 Jacobians both ways and Hessians of trees are Equinox's",
    arguments: try cases("jacobians"))
  func jacobians(one: TreeCase) throws {
    let found = try one.found()
    let tree = try found["tree"].tree()
    for (name, jacobian) in [
      ("jacfwd", try filterJacfwd(both)(tree)), ("jacrev", try filterJacrev(both)(tree)),
    ] {
      for (row, expected) in zip(jacobian.values, found[name].array) {
        #expect(try agree(expected, row?.values ?? []), "\(name)")
      }
    }
    let rows = try filterHessian(curved)(tree).values
    #expect(rows.count == found["hessian"].array.count)
    for (row, expected) in zip(rows, found["hessian"].array) {
      #expect(try agree(expected, row?.values ?? []))
    }
  }

  @Test("FG-16 a rule of its own is asked as by Equinox", arguments: try cases("custom"))
  func custom(one: TreeCase) throws {
    let found = try one.found()
    let (tree, wantsBoth) = (try found["tree"].tree(), found["both"].bool)
    let product = customProduct()
    let g = filterGrad { (p: DynamicTree) in
      try sum(product(wantsBoth ? p : stopping(p), Tensor(2, .f64)))
    }
    #expect(try agree(found["grad"], g(tree).values))
    let value = try product(tree, Tensor(2, .f64))
    #expect(try agree(found["value"], value))
  }

  /// The pair with its second tensor held fixed.
  private func stopping(_ pair: DynamicTree) throws -> DynamicTree {
    var k = 0
    return try treeMap(pair) { leaf in
      k += 1
      guard k == 2, let b = leaf.tensor else { return leaf }
      return .tensor(try stopGradient(b))
    }
  }

  @Test(
    "an axis for each leaf, in and out, gives what filter_vmap gives", arguments: try cases("axes"))
  func axes(one: TreeCase) throws {
    let found = try one.found()
    let tree = try found["tree"].tree()
    func map(_ axes: JSON) throws -> LeafMap<DynamicTree, Int?> {
      try LeafMap(like: tree, values: axes.array.map { $0.isNumber ? $0.int : nil } + [nil])
    }
    let f = filterVmap(
      inAxes: .leaves(try map(found["axes"])), outAxes: .leaves(try map(found["out_axes"]))
    ) { (t: DynamicTree) in
      let leaves = t.leaves
      guard let (a, b) = leaves[0].tensor.flatMap({ a in leaves[1].tensor.map { (a, $0) } }) else {
        throw TreeError.badArgument("two tensors were expected")
      }
      return DynamicTree.list(
        [.leaf(.tensor(try a + b)), .leaf(.tensor(try a * 2)), .leaf(leaves[2])])
    }
    #expect(try agree(found["out"], f(tree).leaves.map { $0 }))
  }

  @Test(
    "JX-03 JX-04 JX-05 the program of a model has Equinox's inputs, outputs and operations",
    arguments: try cases("program"))
  func programs(one: TreeCase) throws {
    let found = try one.found()
    let program = filterMakeJaxpr(network)
    let jaxpr = try program(found["tree"].tree(), found["x"].tree())
    #expect(jaxpr.inAvals.map(\.description) == found["ins"].strings)
    #expect(jaxpr.outs.map { "\($0.aval)" } == found["outs"].strings)
    #expect(jaxpr.eqns.map(\.primitive.name).sorted() == found["primitives"].strings)
  }

  @Test(
    "JT-01 JT-03 JT-05 calls are traced as often as Equinox traces them, but for JT-03",
    arguments: try cases("traces"))
  func traces(one: TreeCase) throws {
    let found = try one.found()
    let f = filterJit { (tree: DynamicTree) in tree }
    let counts = try found["calls"].array.map { call in
      let tree = try call.tree()
      #expect(try treeBitwiseEqual(f(tree), tree))
      return f.traceCount
    }
    #expect(counts == found["strict"].ints)
    // Python takes 1, 1.0 and True for one key, and 0.0 and −0.0.
    #expect((counts == found["counts"].ints) != one.description.contains("JT-03"))
  }

  @Test("JT-11 a jitted function around others is traced as often", arguments: try cases("nested"))
  func nested(one: TreeCase) throws {
    let inner = filterJit { (x: Tensor) in try sum(x * x) }
    let kind = one.description.split(separator: "/").last ?? ""
    let outer = filterJit { (x: Tensor) in
      switch kind {
      case "jit": return [try inner(x)]
      case "grad":
        let g = filterGrad { (x: Tensor) in try inner(x) }
        return try g(x).values.compactMap { $0 }
      case _:
        let rows = filterVmap { (x: Tensor) in try inner(x) }
        return [try rows(x)]
      }
    }
    let counts = try [
      Tensor([[1, 1, 1], [1, 1, 1]]), zeros([2, 3]), zeros([3, 2]),
    ]
    .map { x in
      _ = try outer(x)
      return outer.traceCount
    }
    #expect(counts == (try one.found()["counts"].ints))
  }
}

/// A model of lists: layers of weight and bias, the name of an activation, a number.
private func network(_ model: DynamicTree, _ x: DynamicTree) throws -> DynamicTree {
  guard
    case .list(let parts) = model, case .list(let layers) = parts[0],
    case .leaf(.string(let name)) = parts[1], var y = x.leaves[0].tensor
  else { throw TreeError.badArgument("no network: \(model)") }
  for (i, layer) in layers.enumerated() {
    let tensors = layer.leaves.compactMap(\.tensor)
    y = try matmul(tensors[0], y)
    if tensors.count == 2 { y = try y + tensors[1] }
    if i + 1 < layers.count { y = try name == "tanh" ? tanh(y) : relu(y) }
  }
  return .dictionary([
    "out": .leaf(.tensor(y)), "activation": parts[1], "first": .leaf(layers[0].leaves[0]),
  ])
}

/// factor · a · b of a pair, whose gradient by a is said to be 100 times the cotangent, twice that if
/// b is differentiated too, and by b nothing.
func customProduct() -> @Sendable (DynamicTree, Tensor) throws -> Tensor {
  let product: @Sendable (DynamicTree, Tensor) throws -> Tensor = { pair, factor in
    try pair.leaves.prefix(2).compactMap(\.tensor).reduce(factor) { try $0 * $1 }
  }
  return filterCustomVJP(
    name: "product", product,
    forward: { perturbed, pair, factor in
      (out: try product(pair, factor), residuals: perturbed.values[1])
    },
    backward: { doubles, ct, _, pair, _ in
      var values = pair.leaves.map { _ in Tensor?.none }
      values[0] = try ct.value.map { try $0 * (doubles ? 200 : 100) }
      return try LeafMap(like: pair, values: values)
    })
}
