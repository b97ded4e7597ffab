// treeAt: addresses, replacements and refusals (SEMANTICS 2.5).

import Core
import Testing
import Tree

/// A tree with a property that is no field, and one that is a constant.
private struct Odd: Module {
  var x: Tensor
  var size: Int
  var flag: Bool
  var twin: Tensor {
    get { x }
    set { x = newValue }
  }
  var fresh: Tensor {
    get { Tensor(1) }
    set { x = newValue }
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("x", &x)
    visitor.constant("size", size)
    visitor.constant("flag", flag)
  }
}

@Suite struct SurgeryTests {
  private let new = Tensor([[0, 0], [0, 1]])

  @Test("TA-01 the original is untouched and unselected leaves stay") func original() throws {
    let tree = net()
    let changed = try treeAt(\.layers[0].weight, in: tree, replaceWith: new)
    #expect(try treeBitwiseEqual(tree, net()))
    #expect(try treeBitwiseEqual(changed.layers[0].weight, new))
    #expect(texts(Array(changed.leaves.dropFirst())) == texts(Array(tree.leaves.dropFirst())))
  }

  @Test("TA-02 TA-03 several nodes of several types are replaced at once") func several() throws {
    let changed = try treeAt(
      \.layers[0].weight, \.rate, \.activation, in: net(), replaceWith: new, 0.25, .tanh)
    #expect(try treeBitwiseEqual(changed.layers[0].weight, new))
    #expect(changed.rate == 0.25)
    #expect(changed.activation == .tanh)
    #expect(
      message {
        try treeAt(paths: [\.layers[0].weight], in: net(), replaceWith: [new, new])
      } == "treeAt requires one replacement per path, got 2 for 1 paths")
  }

  @Test("TA-04 TA-06 an optional leaf becomes nil or a value, also among several nils")
  func optionals() throws {
    let none = try treeAt(\.layers[0].bias, in: net(), replaceWith: nil)
    #expect(none.layers[0].bias == nil && none.layers[1].bias == nil)
    let both = try treeAt(
      \.layers[0].bias, \.layers[1].bias, in: none, replaceWith: .some(Tensor([1])),
      .some(Tensor([2])))
    #expect(try both.layers.map { try $0.bias?.item } == [1, 2])
  }

  @Test("TA-05 a function gets the node itself, leaf or subtree") func functions() throws {
    let changed = try treeAt(
      \.layers[0].weight, \.layers[1], in: net(), replaceFn: { try $0 * 2 },
      {
        Dense(weight: $0.weight, bias: Tensor([3]), inFeatures: $0.inFeatures)
      })
    #expect(try changed.layers[0].weight.scalars == [2, 4, 6, 8])
    #expect(try changed.layers[1].bias?.item == 3)
    let all = try treeAt(paths: [\.layers[0].weight, \.layers[1].weight], in: net()) { try -$0 }
    #expect(try all.layers[1].weight.scalars == [-7, -8])
  }

  @Test("TA-07 the same node twice is refused") func twice() {
    let text = message {
      try treeAt(\.layers[0].weight, \.layers[0].weight, in: net(), replaceWith: new, new)
    }
    #expect(text.hasSuffix("is selected twice, as number 0 and 1"))
    #expect(
      message {
        try treeAt(\.x, \.twin, in: Odd(x: new, size: 1, flag: true), replaceWith: new, new)
      }
        == ".x belongs to the selected nodes 0 and 1; nodes that are replaced together must not overlap"
    )
  }

  @Test("TA-08 a node and a part of it are refused, in either order, even where it is nil")
  func overlap() {
    let text =
      "belongs to the selected nodes 0 and 1; nodes that are replaced together must not overlap"
    let layer = net().layers[0]
    #expect(
      message {
        try treeAt(\.layers[0], \.layers[0].bias, in: net(), replaceWith: layer, nil)
      } == ".layers[0].bias \(text)")
    #expect(
      message {
        try treeAt(
          \.layers[1].bias, \.layers[1], in: net(), replaceWith: .some(Tensor([1])), layer)
      } == ".layers[1].bias \(text)")
  }

  @Test("TA-09 what is no part of the tree is refused") func foreign() {
    let odd = Odd(x: new, size: 7, flag: true)
    #expect(
      message { try treeAt(\.size, in: odd, replaceWith: 8) }.contains("is no leaf of the tree"))
    #expect(
      message { try treeAt(\.flag, in: odd, replaceWith: false) }.contains("is no leaf of the tree")
    )
    #expect(
      message { try treeAt(\.fresh, in: odd, replaceWith: new) }.contains("is no leaf of the tree"))
  }

  @Test("TA-10 of equal subtrees only the addressed one changes") func aliases() throws {
    let layer = net().layers[0]
    let changed = try treeAt(\.[1].weight, in: [layer, layer], replaceWith: new)
    #expect(try treeBitwiseEqual(changed[0], layer))
    #expect(try treeBitwiseEqual(changed[1].weight, new))
  }

  @Test("TA-11 the root may be selected, and an empty selection changes nothing") func root() throws
  {
    var other = net()
    other.rate = 2
    #expect(try treeBitwiseEqual(treeAt(\.self, in: net(), replaceWith: other), other))
    let none: [WritableKeyPath<Net, Tensor>] = []
    #expect(try treeBitwiseEqual(treeAt(paths: none, in: net(), replaceWith: []), net()))
  }

  @Test("TA-12 the lens laws hold at every node") func lensLaws() throws {
    try check(\.layers[0].weight, new, Tensor([1]))
    try check(\.layers[0].bias, nil, Tensor([1]))
    try check(\.layers, [], net().layers.reversed())
    try check(\.table[at: "a"], new, Tensor([2]))
    try check(\.training, false, true)
    try check(\.self, net(), net())
  }

  private func check<N: PyTree>(_ path: WritableKeyPath<Net, N>, _ v: N, _ w: N) throws {
    let tree = net()
    let set = try treeAt(path, in: tree, replaceWith: v)
    #expect(try treeBitwiseEqual(set[keyPath: path], v))
    #expect(try treeBitwiseEqual(treeAt(path, in: tree, replaceWith: tree[keyPath: path]), tree))
    let twice = try treeAt(path, in: set, replaceWith: w)
    #expect(try treeBitwiseEqual(twice, treeAt(path, in: tree, replaceWith: w)))
  }
}
