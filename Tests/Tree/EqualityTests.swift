// treeEqual on traced values, the bitwise comparator, and updates (SEMANTICS 2.6).

import Core
import Testing
import Tree

@Suite struct EqualityTests {
  @Test("TE-02 only the bitwise comparator tells signed zeros and weighs NaNs by their bits")
  func bits() throws {
    let (zero, minus, nan) = (Tensor([0]), Tensor([-0.0]), Tensor([.nan]))
    #expect(try treeEqual(zero, minus))
    #expect(try !treeBitwiseEqual(zero, minus))
    #expect(try !treeEqual(nan, nan))
    #expect(try !treeEqual(nan, nan, rtol: 1, atol: 1))
    #expect(try treeBitwiseEqual(nan, nan))
    #expect(try !treeBitwiseEqual([1], [1.0]))
    #expect(try !treeBitwiseEqual(Tensor([1, 2]), Tensor([[1, 2]])))
    #expect(try !treeBitwiseEqual(-0.0, 0.0))
  }

  @Test("TE-03 the equality of traced trees is a traced Bool, and a mismatch of structure is known")
  func traced() throws {
    let compare = { (x: [Tensor]) in
      [try treeEqualArray(Tuple(x[0], 1), Tuple(x[1], 1.0))]
    }
    let jaxpr = try makeJaxpr(compare)([ShapedArray(.f32, [2]), ShapedArray(.f32, [2])])
    #expect(jaxpr.outAvals == [ShapedArray(.bool)])
    #expect(jaxpr.eqns.map(\.primitive.name).contains("eq"))
    for (x, y) in [([1.0, 2], [1.0, 2]), ([1, 2], [1, 3])] {
      let equal = try evalJaxpr(jaxpr, [Tensor(x), Tensor(y)])[0].item
      #expect(equal == (x == y ? 1 : 0))
    }
    let unlike = try makeJaxpr { [try treeEqualArray([$0[0]], Tuple($0[1]))] }(
      [ShapedArray(.f32, [2]), ShapedArray(.f32, [2])])
    #expect(unlike.eqns.isEmpty)
    #expect(throws: TraceError.self) {
      try makeJaxpr { x in try treeEqual(x[0], x[1]) ? [x[0]] : [x[1]] }(
        [ShapedArray(.f32), ShapedArray(.f32)])
    }
  }

  @Test("TE-01 any number of trees are equal when all are") func many() throws {
    #expect(try treeEqual(net(), net(), net()))
    var other = net()
    other.rate = 0.75
    #expect(try !treeEqual(net(), net(), other))
    #expect(try treeEqual(Tuple(1, true), Tuple(1.0, 1)))
    #expect(try !treeEqual(Tuple(1, true), Tuple(1.0, 1), typematch: true))
    #expect(try treeEqual(Function.relu, Function.relu))
    #expect(try !treeEqual(Function.relu, Function("relu") { $0 }))
  }

  @Test("TE-04 no update keeps what is there, and no leaf but a tensor takes one") func updates()
    throws
  {
    let tree = net()
    let one = Tensor([[1, 1], [1, 1]])
    var updates = LeafMap<Net, Tensor?>(like: tree, repeating: nil)
    #expect(try treeBitwiseEqual(applyUpdates(tree, updates), tree))
    updates.layers[0].weight.value = one
    #expect(try applyUpdates(tree, updates).layers[0].weight.scalars == [2, 3, 4, 5])
    #expect(
      message { try applyUpdates(tree, updates, style: .optax) }
        == ".layers[0].bias: no tree has a value here")
    updates.layers[0].weight.value = Tensor([1, 1, 1])
    #expect(
      message { try applyUpdates(tree, updates) }
        == ".layers[0].weight: add got incompatible shapes for broadcasting: (2, 2), (3,).")
    updates.layers[0].weight.value = one
    updates.rate.value = one
    #expect(
      message { try applyUpdates(tree, updates) }
        == ".rate: the tree holds a double here, got a tensor")
    var other = tree
    other.layers[1].bias = Tensor([1])
    #expect(
      message { try applyUpdates(other, updates) }
        == ".layers[1].bias: the trees differ: a leaf and nil")
  }
}
