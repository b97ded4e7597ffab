// The forgotten-field check, and leaves that are whole nodes.

import Core
import Testing
import Tree

/// A module whose visitor is given, to plant every mistake.
private struct Planted: Module {
  var a: Tensor
  var b: Tensor
  let size: Int
  var plant: Plant

  enum Plant: Hashable, Sendable { case none, forgotten, twice, order, wrong, foreign, constant }

  mutating func visitFields(_ visitor: FieldVisitor) {
    switch plant {
    case .order:
      visitor.field("b", &b)
      visitor.field("a", &a)
    case .wrong:
      visitor.field("a", &b)
      visitor.field("b", &a)
    case .none, .forgotten, .twice, .foreign, .constant:
      visitor.field("a", &a)
      if plant != .forgotten { visitor.field("b", &b) }
      if plant == .twice { visitor.field("b", &b) }
      if plant == .foreign { visitor.field("c", &a) }
    }
    if plant != .constant { visitor.constant("size", size) }
    visitor.constant("plant", plant)
  }
}

@Suite struct FieldTests {
  private func finding(_ plant: Planted.Plant) -> String {
    let x = Tensor([1])
    return message { try checkFields(of: ["k": [Planted(a: x, b: x, size: 1, plant: plant)]]) }
  }

  @Test("PT-11 a forgotten field is found, and so is every other mistake of a visitor")
  func mistakes() {
    #expect(finding(.none) == "no error, but ()")
    #expect(finding(.forgotten) == "['k'][0]: Planted does not visit its property b")
    #expect(finding(.constant) == "['k'][0]: Planted does not visit its property size")
    #expect(finding(.twice) == "['k'][0]: Planted visits its property b 2 times")
    #expect(finding(.order) == "['k'][0]: Planted visits b before a, but declares a first")
    #expect(
      finding(.wrong)
        == "['k'][0]: Planted shows something else under the name of its property a")
    #expect(
      finding(.foreign) == "['k'][0]: Planted visits c, which is not one of its stored properties")
  }

  @Test("the modules of these tests are sound") func sound() throws {
    try checkFields(of: net())
    try checkFields(of: LeafMap<Net, Tensor?>(like: net(), repeating: nil))
    try checkFields(of: Tuple(net(), 1, Dense?.none))
  }

  @Test("FI-09 whole sub-modules are kept or dropped") func wholeNodes() throws {
    let (heads, rest) = partition(net(), isLeaf: { $0 is Dense }) { node in
      (node as? Dense)?.bias == nil && node is Dense
    }
    #expect(
      heads.values.map { $0 != nil } == [false, false, true, false, false, false, false, false])
    #expect(try treeBitwiseEqual(combine(heads, rest), net()))
    #expect(
      filter(net(), isLeaf: { $0 is [Dense] }) { $0 is [Dense] }.values.count { $0 != nil } == 3)
    // A node without leaves has no place among the values.
    let holes: [Tensor?] = [nil, Tensor(1), nil, Tensor(2)]
    let two = try filter(holes, isLeaf: isNone) { try $0.leaves.first?.tensor?.item == 2 }
    #expect(two.values.map { $0 != nil } == [false, true])
  }

  @Test("FI-04 FI-06 FI-08 a half is the other's complement, and the first value wins")
  func halves() throws {
    let tree = net()
    let (arrays, others) = partition(tree, isArray)
    #expect(
      zip(arrays.values, others.values).allSatisfy { ($0 == nil) != ($1 == nil) })
    let kept = filter(tree) { !isArray($0) }
    #expect(texts(kept.values.compactMap { $0 }) == texts(others.values.compactMap { $0 }))
    var changed = tree
    changed.rate = 9
    let whole = LeafMap<Net, Leaf?>(like: changed) { $0 }
    #expect(try combine(others, whole).rate == 0.5)
    #expect(try combine(arrays, whole, others).rate == 9)
    #expect(message { try combine(arrays, arrays) } == ".activation: no tree has a value here")
  }

  @Test("FI-07 FI-08 halves of different structure are refused") func mismatch() {
    var other = net()
    other.layers.removeLast()
    let half = filter(other, isArray)
    #expect(
      message { try combine(filter(net(), isArray), half) }
        == ".layers: the trees differ: an array of 2 and an array of 1")
    let spec = LeafMap(like: other, repeating: true)
    #expect(
      message { try partition(net(), by: spec) }
        == ".layers: the trees differ: an array of 2 and an array of 1")
  }

  @Test("PT-09 a nil of a prefix stands for any subtree when it is asked to") func nilPrefix()
    throws
  {
    let prefix: [Int?] = [nil, 3]
    let found = try flattenUpTo(prefix, net().layers, nilIsLeaf: true)
    #expect(found.map(\.range) == [0..<2, 2..<3])
    #expect(found[0].leaf == nil && found[1].leaf != nil)
    #expect(
      message { try flattenUpTo(prefix, net().layers) }
        == "[0]: different types: the prefix has nil, the full tree has a Dense")
  }

  @Test("PT-04 a Swift module prints as Equinox prints its own") func format() {
    #expect(
      treeFormat(net(), width: 60) == """
        Net(
          layers=[
            Dense(weight=f32[2,2], bias=f32[2], inFeatures=2),
            Dense(weight=f32[1,2], bias=None, inFeatures=2)
          ],
          activation=<function relu>,
          training=True,
          rate=0.5,
          table={'a': i32[1], 'b': f32[1]}
        )
        """)
    #expect(treeFormat([net().layers[1].weight], values: true) == "[f32[1,2] [[7.0, 8.0]]]")
    #expect(
      net().layers.treeDef.description
        == "PyTreeDef([CustomNode(Dense[(2,)], [*, *]), CustomNode(Dense[(2,)], [*, None])])")
  }

  @Test("PT-04 constants print as Python prints its own, in lists and where they may be absent")
  func constantText() {
    struct Named: PyTree {
      mutating func visitFields(_ visitor: FieldVisitor) {
        visitor.constant("names", ["a", "it's"])
        visitor.constant("flags", [[true], []])
        visitor.constant("rates", [0.5, -0.0])
        visitor.constant("absent", String?.none)
        visitor.constant("maybe", [1, nil] as [Int?])
      }
    }
    #expect(
      treeFormat(Named(), width: 200) == "Named(names=['a', \"it's\"], flags=[[True], []], "
        + "rates=[0.5, -0.0], absent=None, maybe=[1, None])")
  }

  // As `tree_pformat` of Equinox 0.13.8 prints the tree of bools, of gradients, of what is_array keeps.
  @Test("PT-04 a map over a tree's leaves prints in the shape of the tree") func mapFormat() throws
  {
    let tree = ["net": Tuple(net().layers, 3)]
    let spec = LeafMap(like: tree) { isArray($0) }
    #expect(
      treeFormat(spec, width: 200)
        == "{'net': ([Dense(weight=True, bias=True, inFeatures=2), "
        + "Dense(weight=True, bias=None, inFeatures=2)], False)}")
    let gradient = filterGrad { (t: [String: Tuple<[Dense], Int>]) in
      try sum(t["net"]?.elements.0[0].weight ?? Tensor(0))
    }
    let kept =
      "{'net': ([Dense(weight=f32[2,2], bias=f32[2], inFeatures=2), "
      + "Dense(weight=f32[1,2], bias=None, inFeatures=2)], None)}"
    #expect(treeFormat(try gradient(tree), width: 200) == kept)
    let (arrays, rest) = partition(tree, isArray)
    #expect(treeFormat(arrays, width: 200) == kept)
    #expect(
      treeFormat(rest, width: 200)
        == "{'net': ([Dense(weight=None, bias=None, inFeatures=2), "
        + "Dense(weight=None, bias=None, inFeatures=2)], 3)}")
    let nested = try LeafMap(like: [net().layers[0]], values: [spec, spec])
    #expect(
      treeFormat([nested], width: 900)
        == "[[Dense(weight=\(treeFormat(spec, width: 400)), bias=\(treeFormat(spec, width: 400)), "
        + "inFeatures=2)]]")
  }
}
