// Trees apart and together again (SEMANTICS 2.1).

import Core
import Testing
import Tree

@Suite struct FlattenTests {
  @Test("PT-05 paths are written as in JAX") func paths() {
    #expect(
      net().leafPaths.map(\.description) == [
        ".layers[0].weight", ".layers[0].bias", ".layers[1].weight", ".activation", ".training",
        ".rate", ".table['a']", ".table['b']",
      ])
    #expect(net().leafPaths[6].simple() == "table/a")
    #expect(TreePath([.key("it's")]).description == "[\"it's\"]")
  }

  @Test("PT-18 unflatten after flatten is the identity") func roundTrip() throws {
    let tree = net()
    let (leaves, definition) = tree.flatten()
    let again = try tree.unflatten(leaves)
    #expect(texts(again.leaves) == texts(leaves))
    #expect(again.treeDef == definition)
    #expect(definition.leafCount == 8)
  }

  @Test("PT-18 a wrong leaf is named with its path and both kinds") func wrongLeaves() {
    let tree = net()
    var leaves = tree.leaves
    leaves[4] = .int(1)
    #expect(
      message { try tree.unflatten(leaves) }
        == ".training: the tree holds a bool here, got an int")
    #expect(
      message { try tree.unflatten(Array(tree.leaves.dropLast())) }
        == "too few leaves for the tree; expected 8, got 7: none for .table['b']")
    #expect(
      message { try tree.unflatten(tree.leaves + [.int(1)]) }
        == "too many leaves for the tree; expected 8, got 9")
  }

  @Test("PT-01 keys of a dictionary come in the order of code points") func sortedKeys() {
    let tree = ["b": 1, "a": 2, "é": 3, "Z": 4, "e\u{301}f": 5]
    #expect(
      tree.leaves.compactMap { if case .int(let i) = $0 { i } else { nil } } == [4, 2, 1, 5, 3])
  }

  @Test("PT-03 nil is a node without leaves") func nilIsANode() {
    let tree: [Int?] = [nil, 1, nil]
    #expect(texts(tree.leaves) == ["int(1)"])
    #expect(tree.treeDef != [Int?]([1]).treeDef)
    #expect(tree.treeDef != [Int?]([1, nil, nil]).treeDef)
  }

  @Test("JT-05 an array, a tuple and a dictionary are different structures") func containers() {
    let array = [1, 2].treeDef
    let tuple = Tuple(1, 2).treeDef
    #expect(array != tuple)
    #expect(tuple == Tuple("a", 2.5).treeDef)
    #expect(
      Tuple(1, [2, 3], "x").leafPaths.map(\.description) == ["[0]", "[1][0]", "[1][1]", "[2]"])
  }

  @Test("JT-03 constants are compared by type and bit pattern") func strictConstants() {
    func definition<C: Hashable & Sendable>(_ c: C) -> TreeDef {
      Marked(x: Tensor(1), constant: StaticValue(c)).treeDef
    }
    let all = [
      definition(1), definition(1.0), definition(true), definition(0.0), definition(-0.0),
      definition(Float(1)), definition("1"), definition(Double.nan), definition(UInt8(1)),
    ]
    #expect(Set(all).count == all.count)
    #expect(definition(Double.nan) == definition(Double.nan))
    #expect(definition([1, 2]) == definition([1, 2]))
    #expect(definition([1, 2]) != definition([1, 3]))
  }

  @Test("PT-06 PT-07 equal structures have equal hashes, and a constant tells structures apart")
  func hashes() {
    let (a, b) = (net(), net())
    #expect(a.treeDef == b.treeDef)
    #expect(a.treeDef.hashValue == b.treeDef.hashValue)
    var c = net()
    c.layers[1] = Dense(weight: Tensor([[7, 8]]), bias: nil, inFeatures: 3)
    #expect(a.treeDef != c.treeDef)
    #expect(a.treeDef.hashValue != c.treeDef.hashValue)
  }

  @Test("PT-08 mapping trees of different structure names the place and both sides")
  func mapMismatch() {
    var other = net()
    other.layers[1] = Dense(weight: Tensor([[7, 8]]), bias: nil, inFeatures: 3)
    #expect(
      message { try treeMap(net(), other) { a, _ in a } }
        == ".layers[1]: the trees differ: inFeatures = 2 and inFeatures = 3")
    other = net()
    other.layers[1].bias = Tensor([1])
    #expect(
      message { try treeMap(all: [net(), net(), other]) { $0[0] } }
        == ".layers[1].bias: the trees differ: nil and a leaf")
  }

  @Test("PT-16 a layer in two places is two leaves each") func values() throws {
    let layer = net().layers[0]
    var counter = 0
    let mapped = try treeMap([layer, layer]) { leaf in
      counter += 1
      return .tensor(Tensor(Double(counter)))
    }
    #expect(try mapped.map { try $0.weight.item } == [1, 3])
  }

  @Test("PT-01 PT-18 dictionaries of any size keep their order when their leaves are replaced")
  func dictionaries() throws {
    // Keys that differ only after eight bytes, in the case of letters, or in length.
    let names = [
      "common prefix b", "common prefix a", "common p", "Z", "a", "", "common prefix", "é",
    ]
    for count in 0...names.count {
      let tensors = Dictionary(
        uniqueKeysWithValues: names.prefix(count).enumerated().map { ($1, Tensor(Double($0))) })
      let sorted = names.prefix(count).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      let order = try tensors.leaves.compactMap { try $0.tensor?.item }
      #expect(order == sorted.map { name in Double(names.firstIndex(of: name) ?? -1) })
      let new = try tensors.unflatten(sorted.indices.map { .tensor(Tensor(Double(100 + $0))) })
      for (i, name) in sorted.enumerated() { #expect(try new[name]?.item == Double(100 + i)) }
      let nested = ["x": tensors, "w": tensors]
      let twice = (0..<(2 * count)).map { Leaf.tensor(Tensor(Double($0))) }
      let changed = try nested.unflatten(twice)
      #expect(try treeBitwiseEqual(changed.unflatten(nested.leaves), nested))
      #expect(try changed.leaves.map { try $0.tensor?.item } == (0..<(2 * count)).map(Double.init))
    }
    let wrong = message { try ["a": Tensor(1), "b": Tensor(2)].unflatten([.int(1), .int(2)]) }
    #expect(wrong.contains("['a']"))
    let few = message { try ["a": Tensor(1), "b": Tensor(2)].unflatten([.tensor(Tensor(1))]) }
    #expect(few.contains("['b']"))
  }
}
