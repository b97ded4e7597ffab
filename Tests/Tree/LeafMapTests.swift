// The same structure, other leaves; and trees in two halves (SEMANTICS 2.2).

import Core
import Testing
import Tree

@Suite struct LeafMapTests {
  @Test("a map is read and written through the tree's own key paths") func keyPaths() {
    let tree = net()
    var map = LeafMap(like: tree, repeating: 0)
    map.fill(\.layers[0], with: 1)
    #expect(map.values == [1, 1, 0, 0, 0, 0, 0, 0])
    map.fill(\.table, with: 2)
    map.fill(\.training, with: 3)
    map.activation.value = 4
    #expect(map.values == [1, 1, 0, 4, 3, 0, 2, 2])
    #expect(map.layers[0].bias.value == 1)
    #expect(map.layers.values == [1, 1, 0])
    #expect(map.layers[1].bias.value == nil)
  }

  @Test("a key path out of the tree reads nil, and is an error where errors can be thrown")
  func outside() throws {
    let tree = net()
    var gradient = LeafMap<Net, Tensor?>(like: tree, repeating: Tensor(1))
    #expect(gradient.layers[0].values.count == 2)
    #expect(gradient.layers[0].inWidth.values.map { $0 == nil } == [true])
    let text = "leads to an int that is no leaf of the tree; select fields that the tree visits"
    let path = \Net.layers[0].inWidth
    #expect(message { try gradient.values(at: path) }.hasSuffix(text))
    let two = LeafMap<Int, Tensor?>(like: 2, repeating: Tensor(2))
    #expect(message { try gradient.set(two, at: path) }.hasSuffix(text))
    try gradient.set(gradient.layers[0].map { _ in nil }, at: \.layers[0])
    #expect(gradient.values.prefix(3).map { $0 == nil } == [true, true, false])
    let wrong = LeafMap<[Dense], Tensor?>(like: [], repeating: nil)
    #expect(message { try gradient.set(wrong, at: \.layers) }.contains("the trees differ"))
  }

  @Test("the leaves of a subtree are found among many Bools") func bools() {
    let tree = (0..<37).map { _ in [true, false] }
    for i in 0..<37 {
      var map = LeafMap(like: tree, repeating: false)
      map.fill(\.[i][1], with: true)
      #expect(map.values.firstIndex(of: true) == 2 * i + 1)
      #expect(map.values.count { $0 } == 1)
    }
  }

  @Test("FI-05 combine of a partition is the tree, bit for bit") func partitionCombine() throws {
    let tree = net()
    for keep in [isArray, isInexactArray, isArrayLike, isInexactArrayLike] {
      let (a, b) = partition(tree, keep)
      #expect(texts(try combine(a, b).leaves) == texts(tree.leaves))
      #expect(texts(try combine(b, a).leaves) == texts(tree.leaves))
    }
  }

  @Test("FI-01 the predicates") func predicates() {
    let leaves: [Leaf] = [
      .tensor(Tensor(1)), .tensor(Tensor(1, .i32)), .bool(true), .int(1), .double(1), .string("a"),
      .function(.relu),
    ]
    #expect(leaves.map(isArray) == [true, true, false, false, false, false, false])
    #expect(leaves.map(isInexactArray) == [true, false, false, false, false, false, false])
    #expect(leaves.map(isArrayLike) == [true, true, true, true, true, false, false])
    #expect(leaves.map(isInexactArrayLike) == [true, false, false, false, true, false, false])
  }

  @Test("a map whose values are trees is a tree, with the paths of its leaves") func asTree() throws
  {
    let map = LeafMap<Net, Tensor?>(like: net()) { isInexactArray($0) ? $0.tensor : nil }
    #expect(
      map.leafPaths.map(\.description) == [
        ".layers[0].weight", ".layers[0].bias", ".layers[1].weight", ".table['b']",
      ])
    let doubled = try treeMap(tensors: map) { try $0 * 2 }
    #expect(try doubled.layers[1].weight.value?.scalars == [14, 16])
  }
}
