// States are trees of tensors, made for the leaves that have a gradient (rules OX-09, OX-11, OX-12,
// OX-13).

import Core
import Optim
import TestSupport
import Testing
import Tree

/// A layer with an activation among its leaves, a whole-number table and a weight.
private struct Mixed: PyTree {
  var weight = Tensor([1, -2])
  var table = Tensor([1, 2], .i32)
  var activation = Function("relu", relu)

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weight", &weight)
    visitor.field("table", &table)
    visitor.field("activation", &activation)
  }
}

@Suite struct OptimiserStateTests {
  private let gradient = LeafMap<Mixed, Tensor?>(like: Mixed()) {
    isInexactArray($0) ? $0.tensor : nil
  }

  @Test(
    "OX-11 a function among the parameters is refused with its path; the model itself is filtered")
  func functions() throws {
    let all = Tree.filter(Mixed()) { _ in true }
    #expect(
      message { try adam(0.1).initialise(all) }
        == ".activation: an optimiser is initialised with arrays, got a function; pass the model "
        + "itself, or filter(model, isInexactArray)")
    let state = try adam(0.1).initialise(Mixed())
    #expect(state.leafPaths.map(\.description) == ["[0].count", "[0].mu.weight", "[0].nu.weight"])
  }

  @Test("OX-11 whole numbers are taken, and have moments of whole numbers") func wholeNumbers()
    throws
  {
    let state = try adam(0.1).initialise(Tree.filter(Mixed(), isArray))
    #expect(state.elements.0.mu.values.map { $0?.dtype } == [.f32, .i32, nil])
  }

  @Test("OX-12 a state of other leaves than have a gradient fails at the update, with the path")
  func unfiltered() throws {
    var state = try adam(0.1).initialise(Tree.filter(Mixed(), isArray))
    #expect(
      message { try adam(0.1).update(gradient, &state) }
        .hasPrefix(".table: there is a tensor on one side only"))
    var good = try adamw(0.1).initialise(Tree.filter(Mixed(), isInexactArray))
    #expect(message { try adamw(0.1).update(gradient, &good, Mixed()) }.isEmpty)
    var other = try adam(0.1).initialise(sampleModel())
    #expect(message { try adam(0.1).update(gradient, &other) }.contains("the trees differ"))
  }

  @Test("OX-13 updates are added to models with functions among their leaves") func applied() throws
  {
    var state = try sgd(0.5).initialise(Mixed())
    let moved = try applyUpdates(Mixed(), sgd(0.5).update(gradient, &state))
    #expect(try moved.weight.scalars == [0.5, -1])
    #expect(try moved.table.scalars == [1, 2])
    #expect(message { try applyUpdates(Mixed(), gradient, style: .optax) }.contains(".table"))
  }

  @Test("OX-09 f32 parameters with f64 gradients: mu f64, nu as the parameters, updates f64")
  func dtypes() throws {
    let p = Tensor([1, 2], .f32)
    let g = LeafMap<Tensor, Tensor?>(like: p, repeating: Tensor([0.5, -1], .f64))
    var state = try adam(0.1).initialise(p)
    let u = try adam(0.1).update(g, &state)
    #expect(u.values.map { $0?.dtype } == [.f64])
    #expect(state.leaves.map { $0.tensor?.dtype } == [.i32, .f64, .f32])
    let narrow = adam(0.1, muDtype: .f32)
    state = try narrow.initialise(p)
    _ = try narrow.update(g, &state)
    #expect(state.leaves.map { $0.tensor?.dtype } == [.i32, .f32, .f32])
  }

  @Test("a state can be taken apart and put together, and goes on bit for bit") func roundTrip()
    throws
  {
    let model = sampleModel()
    let optimiser = adamw(0.1)
    var state = try optimiser.initialise(model)
    let g = try model.gradient(sampleGradients(1))
    _ = try optimiser.update(g, &state, model)
    var copy = try optimiser.initialise(model).unflatten(state.leaves)
    let (a, b) = try (
      optimiser.update(g, &state, model), optimiser.update(g, &copy, model)
    )
    try expectSameBits(a.values.compactMap { $0 }, b.values.compactMap { $0 }, "resumed")
  }

  @Test("zeroNans takes NaN alone for zero, and says where; setToZero everything") func zeros()
    throws
  {
    let p = ["a": Tensor([1, 2], .f64), "b": Tensor([1], .f64)]
    let g = try LeafMap<[String: Tensor], Tensor?>(
      like: p, values: [Tensor([.nan, .infinity], .f64), Tensor([2], .f64)])
    var state = try zeroNans().initialise(p)
    #expect(try state.leaves.allSatisfy { try $0.tensor?.item == 0 })
    let u = try zeroNans().update(g, &state).values.flatMap { try $0?.scalars ?? [] }
    #expect(u == [0, .infinity, 2])
    #expect(try state.leaves.map { try $0.tensor?.item } == [1, 0])
    var none = try setToZero().initialise(p)
    #expect(
      try setToZero().update(g, &none).values.allSatisfy {
        try $0?.scalars.allSatisfy { $0 == 0 } ?? false
      })
  }

  @Test("SM3 refuses a scalar, which has no axis") func scalars() {
    #expect(message { try sm3(0.1).initialise(Tensor(1)) }.contains("a scalar has none"))
  }
}
