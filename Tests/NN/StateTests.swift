// The state: a map from the places of a model to values, with errors that name the place.

import Catalogue
import Core
import NN
import Random
import TestSupport
import Testing
import Tree

/// Two stateful layers at named places, one twice.
private struct Two: Module {
  var norms: [BatchNorm]
  var counter: Counter

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("norms", &norms)
    visitor.field("counter", &counter)
  }

  init() throws {
    let norm = try BatchNorm(2, axisName: "batch")
    norms = [norm, norm]
    counter = Counter()
  }
}

/// Counts its calls.
private struct Counter: StatefulLayer {
  var index = StateIndex(Tensor(0, .i32))

  mutating func visitFields(_ visitor: FieldVisitor) { visitor.field("index", &index) }

  func callAsFunction(_ x: Tensor, state: inout State) throws -> Tensor {
    try state.set(index, to: state.get(index) + 1)
    return x
  }
}

/// Stores the example it sees.
private struct Last: StatefulLayer {
  var index = StateIndex(Tensor(0))

  mutating func visitFields(_ visitor: FieldVisitor) { visitor.field("index", &index) }

  func callAsFunction(_ x: Tensor, state: inout State) throws -> Tensor {
    try state.set(index, to: x)
    return x
  }
}

@Suite struct StateTests {
  @Test func `ST-01 ST-07 values stand under the class and the path, one per place`() throws {
    let (model, state) = try makeWithState { try Two() }
    #expect(
      state.paths == [
        "Two.norms[0].batchCounter", "Two.norms[0].batchStateIndex",
        "Two.norms[1].batchCounter", "Two.norms[1].batchStateIndex", "Two.counter.index",
      ])
    #expect(
      state.description
        == "State(Two.norms[0].batchCounter=i32[], Two.norms[0].batchStateIndex=(f32[2], f32[2]), "
        + "Two.norms[1].batchCounter=i32[], Two.norms[1].batchStateIndex=(f32[2], f32[2]), "
        + "Two.counter.index=i32[])")
    // The model keeps no initial value.
    #expect(model.leaves.compactMap(\.tensor).allSatisfy { $0.dtype == .f32 && $0.shape == [2] })
    #expect(model.leaves.compactMap(\.tensor).count == 4)
  }

  @Test func `PT-11 a tree that holds a state shows what it stores`() throws {
    struct Run: Module {
      var model: Two
      var state: State

      mutating func visitFields(_ visitor: FieldVisitor) {
        visitor.field("model", &model)
        visitor.field("state", &state)
      }
    }
    let (model, state) = try makeWithState { try Two() }
    try checkFields(of: Run(model: model, state: state))
  }

  @Test func `ST-01 two builds are interchangeable`() throws {
    let (one, other) = try (makeWithState { try Two() }, makeWithState { try Two() })
    #expect(one.0.treeDef == other.0.treeDef && one.1.treeDef == other.1.treeDef)
    var state = other.1
    _ = try one.0.counter(Tensor(1), state: &state)
    #expect(try state.get(other.0.counter.index).item == 1)
  }

  @Test func `ST-02 ST-06 a copy is a clone with a life of its own`() throws {
    let (counter, start) = try makeWithState { Counter() }
    var state = start
    let before = state
    var other = state
    for _ in 0..<3 { _ = try counter(Tensor(0), state: &state) }
    _ = try counter(Tensor(0), state: &other)
    let values = try [before, state, other].map { try $0.get(counter.index).item }
    #expect(values == [0, 3, 1])
    let clone = try state.unflatten(state.leaves)
    #expect(try isSame(clone, state))
  }

  @Test(arguments: [Tensor(0), Tensor([0], .i32), Tensor(0, .u32)])
  func `ST-03 ST-04 a value of another shape or dtype is refused and nothing changes`(
    value: Tensor
  ) throws {
    let (counter, start) = try makeWithState { Counter() }
    var state = start
    _ = try counter(Tensor(0), state: &state)
    #expect(
      throws: StateError.shape("Counter.index", old: "i32[]", new: "\(value.aval)")
    ) { try state.set(counter.index, to: value) }
    #expect(try state.get(counter.index).item == 1)
    _ = try counter(Tensor(0), state: &state)
    #expect(try state.get(counter.index).item == 2)
  }

  @Test func `ST-04 a value of another structure is refused`() throws {
    let index = StateIndex([Tensor(0), Tensor(1)])
    struct Holder: Module {
      var index: StateIndex<[Tensor]>
      mutating func visitFields(_ visitor: FieldVisitor) { visitor.field("index", &index) }
    }
    let (holder, start) = try makeWithState { Holder(index: index) }
    var state = start
    #expect(throws: StateError.shape("Holder.index", old: "(f32[], f32[])", new: "f32[]")) {
      try state.set(holder.index, to: [Tensor(0)])
    }
    try state.set(holder.index, to: [Tensor(2), Tensor(3)])
    #expect(try state.get(holder.index).map { try $0.item } == [2, 3])
    #expect(throws: StateError.self) { try state.get(index) }
  }

  @Test func `ST-05 an index of another model is unknown, by its path`() throws {
    var state = try makeWithState { try Two() }.1
    let (counter, _) = try makeWithState { Counter() }
    let error = StateError.unknown("Counter.index")
    #expect(throws: error) { try state.get(counter.index) }
    #expect(throws: error) { try state.set(counter.index, to: Tensor(0, .i32)) }
    #expect(throws: error) { try state.substate(counter) }
    #expect("\(error)".hasPrefix("Counter.index: the state holds nothing here"))
  }

  @Test func `ST-05 a state of the same class and other sizes is foreign`() throws {
    let (narrow, _) = try makeWithState { try BatchNorm(1, axisName: "batch") }
    var wide = try makeWithState { try BatchNorm(3, axisName: "batch") }.1
    #expect(
      throws: StateError.foreign(
        "BatchNorm.batchStateIndex", holds: "(f32[3], f32[3])", expected: "(f32[1], f32[1])")
    ) { try inferenceMode(narrow)(Tensor([1]), state: &wide) }
  }

  @Test func `ST-05 a model goes through makeWithState exactly once`() throws {
    let (model, _) = try makeWithState { Counter() }
    #expect(throws: StateError.self) { try makeWithState { model } }
    var state = try makeWithState { Counter() }.1
    #expect(throws: StateError.self) { try Counter()(Tensor(0), state: &state) }
  }

  @Test func `ST-09 set and get are those of a map, whatever the order`() throws {
    let (model, start) = try makeWithState { try Two() }
    var state = start
    let indices = [model.norms[0].batchCounter, model.norms[1].batchCounter, model.counter.index]
    var map = [0, 0, 0]
    var random = SeededGenerator(seed: .testSeed, name: "ST-09", 0)
    for _ in 0..<50 {
      let (place, value) = (Int(random.next() % 3), Int(random.next() % 99))
      try state.set(#require(indices[place]), to: Tensor(Double(value), .i32))
      map[place] = value
      let held = try indices.map { Int(try state.get(#require($0)).item) }
      #expect(held == map)
    }
  }

  @Test func `ST-09 update after substate changes what the part changed and nothing else`() throws {
    let (model, start) = try makeWithState { try Two() }
    var state = start
    try state.update(state.substate(model.norms))
    #expect(try isSame(state, start))
    var part = try state.substate(model.counter)
    #expect(part.paths == ["Two.counter.index"])
    for _ in 0..<2 {
      _ = try model.counter(Tensor(0), state: &part)
      try state.update(part)
    }
    #expect(try state.get(model.counter.index).item == 2)
    #expect(try isSame(state.substate(model.norms), start.substate(model.norms)))
  }

  @Test func `ST-02 an update that would lose a newer value is refused by its path`() throws {
    let (model, start) = try makeWithState { try Two() }
    var state = start
    var part = try state.substate(model.counter)
    _ = try model.counter(Tensor(0), state: &state)
    _ = try model.counter(Tensor(0), state: &part)
    #expect(throws: StateError.stale("Two.counter.index")) { try state.update(part) }
    #expect(try state.get(model.counter.index).item == 1)
    // Written by a transformation, too.
    var other = try state.substate(model.counter)
    _ = try model.counter(Tensor(0), state: &other)
    state = try state.unflatten(state.leaves)
    #expect(throws: StateError.stale("Two.counter.index")) { try state.update(other) }
  }

  @Test func `ST-05 update takes only a part of the same state`() throws {
    var state = try makeWithState { try Two() }.1
    let (_, foreign) = try makeWithState { Counter() }
    #expect(throws: StateError.unknown("Counter.index")) { try state.update(foreign) }
  }

  @Test func `ST-08 what differs from example to example is refused by its path`() throws {
    let (last, start) = try makeWithState { Last() }
    var state = start
    let x = Tensor([1, 2, 3])
    let error = StateError.varies("Last.index")
    #expect(throws: error) {
      try vmap(x, state: &state) { x, state in try last(x, state: &state) }
    }
    #expect("\(error)".contains("reduce it with pmean(_:axisName:)"))
    #expect(try state.get(last.index).item == 0, "the state is as it was")
    _ = try vmap(x, axisName: "batch", state: &state) { x, state in
      try last(pmean(x, axisName: "batch"), state: &state)
    }
    #expect(try state.get(last.index).item == 2)
  }

  @Test func `ST-08 a state per example is mapped when that is asked for`() throws {
    let (last, start) = try makeWithState { Last() }
    var states = try treeMap(tensors: start) { _ in Tensor([7, 8, 9]) }
    _ = try vmap(Tensor([1, 2, 3]), state: &states, states: .perExample) { x, state in
      let old = try state.get(last.index)
      return try last(x + old, state: &state)
    }
    #expect(states.leaves.compactMap(\.tensor).map { try? $0.scalars } == [[8, 10, 12]])
  }

  @Test func `ST-06 a state goes through jit and grad by its leaves`() throws {
    let (norm, start) = try makeWithState { try BatchNorm(2, axisName: "batch", dtype: .f64) }
    let x = dyadicBatch([3, 2], 5)
    var eager = start
    let y = try vmap(x, axisName: "batch", state: &eager) { x, s in try norm(x, state: &s) }
    let compiled = jit { (inputs: [Tensor]) in
      var state = try start.unflatten(inputs.dropFirst().map { .tensor($0) })
      let y = try vmap(inputs[0], axisName: "batch", state: &state) { x, state in
        try norm(x, state: &state)
      }
      return [y] + state.leaves.compactMap(\.tensor)
    }
    let outs = try compiled([x] + start.leaves.compactMap(\.tensor))
    #expect(try isSame(outs[0], y))
    let after = try start.unflatten(outs.dropFirst().map { .tensor($0) })
    #expect(try isSame(after, eager))
    #expect(try isSame(start, makeWithState { try BatchNorm(2, axisName: "b", dtype: .f64) }.1))
  }

  @Test func `PT-05 the leaves of a state have the paths of its places`() throws {
    let (_, state) = try makeWithState { try BatchNorm(2, axisName: "batch") }
    #expect(
      state.leafPaths.map(\.description) == [
        ".BatchNorm.batchCounter", ".BatchNorm.batchStateIndex[0]",
        ".BatchNorm.batchStateIndex[1]",
      ])
  }
}
