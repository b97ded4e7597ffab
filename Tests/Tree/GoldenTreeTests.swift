// What JAX and Equinox say about trees, case by case (fixtures/trees.h5).

import Core
import Testing
import Tree

@Suite struct GoldenTreeTests {
  @Test(
    "PT-01 PT-03 PT-05 PT-18 leaves, paths and definitions are JAX's",
    arguments: try TreeCase.all("tree"))
  func structure(one: TreeCase) throws {
    let found = try one.found()
    let tree = try found["tree"].tree()
    #expect(tree.leaves.map { treeFormat(DynamicTree.leaf($0)) } == found["leaves"].strings)
    #expect(tree.leafPaths.map(\.description) == found["paths"].strings)
    #expect(tree.leafPaths.map { $0.simple() } == found["simple"].strings)
    #expect(tree.treeDef.description == found["definition"].string)
    #expect(
      tree.nodes(where: isNone).filter { isNone($0.node) }.map(\.path.description)
        == found["none_paths"].strings)
    #expect(try treeBitwiseEqual(tree.unflatten(tree.leaves), tree))
  }

  @Test("PT-04 trees are printed as by tree_pformat", arguments: try TreeCase.all("tree"))
  func format(one: TreeCase) throws {
    let found = try one.found()
    let tree = try found["tree"].tree()
    for width in found["format"].keys {
      #expect(treeFormat(tree, width: Int(width) ?? 0) == found["format"][width].string)
    }
  }

  @Test(
    "PT-09 PT-19 prefixes are accepted and refused as by JAX, for the same reason",
    arguments: try TreeCase.all("pair") + TreeCase.all("values"))
  func prefixes(one: TreeCase) throws {
    let found = try one.found()
    let (a, b) = (try found["a"].tree(), try found["b"].tree())
    let expected = found["prefix"]
    do {
      #expect(try flattenUpTo(a, b).map(\.range.count) == expected["counts"].ints)
      #expect(expected["counts"].exists)
    } catch TreeError.prefix(let path, let kind, _, _) {
      #expect(path.description == expected["path"].string)
      #expect(kind.rawValue == expected["kind"].string)
    }
  }

  @Test(
    "PT-06 TE-01 TE-02 trees are equal when Equinox says so",
    arguments: try TreeCase.all("pair") + TreeCase.all("values"))
  func equality(one: TreeCase) throws {
    let found = try one.found()
    let (a, b) = (try found["a"].tree(), try found["b"].tree())
    #expect((a.treeDef == b.treeDef) == found["same_structure"].bool)
    for call in found["equal"].array.map(\.array) {
      let (rtol, atol, typematch) = (call[0].double, call[1].double, call[2].bool)
      let equal = try treeEqual(a, b, rtol: rtol, atol: atol, typematch: typematch)
      #expect(equal == call[3].bool, "rtol \(rtol), atol \(atol), typematch \(typematch)")
      let array = try treeEqualArray(a, b, rtol: rtol, atol: atol, typematch: typematch)
      #expect(try array.item == (equal ? 1 : 0))
    }
  }

  @Test(
    "FI-01 FI-05 every predicate keeps what Equinox keeps", arguments: try TreeCase.all("partition")
  )
  func partitions(one: TreeCase) throws {
    let found = try one.found()
    let tree = try found["tree"].tree()
    let predicates = [
      "is_array": isArray, "is_array_like": isArrayLike, "is_inexact_array": isInexactArray,
      "is_inexact_array_like": isInexactArrayLike,
    ]
    #expect(found["kept"].keys == predicates.keys.sorted())
    for (name, predicate) in predicates {
      let (kept, others) = partition(tree, predicate)
      let positions = kept.values.indices.filter { kept.values[$0] != nil }
      #expect(positions == found["kept"][name].ints, "\(name)")
      #expect(try treeBitwiseEqual(combine(kept, others), tree))
    }
  }

  @Test("FI-02 FI-03 a spec may be a prefix tree of Bools", arguments: try TreeCase.all("spec"))
  func specs(one: TreeCase) throws {
    let found = try one.found()
    let (tree, spec) = (try found["tree"].tree(), try found["spec"].tree())
    do {
      let map = try LeafMap<DynamicTree, Bool>(like: tree, prefix: spec)
      #expect(map.values.indices.filter { map.values[$0] } == found["kept"].ints)
      #expect(found["kept"].exists)
    } catch is TreeError {
      #expect(found["refused"].exists)
    }
  }

  @Test("TE-04 updates have upstream's dtypes and values", arguments: try TreeCase.all("updates"))
  func updates(one: TreeCase) throws {
    let found = try one.found()
    let (parameter, update) = (try found["parameter"].tree(), try found["update"].tree())
    let updates = LeafMap(like: parameter, repeating: update.leaves.first?.tensor)
    for (name, style) in [("equinox", UpdateStyle.equinox), ("optax", .optax)] {
      let expected = found[name]
      do {
        let result = try applyUpdates(parameter, updates, style: style).leaves.first?.tensor
        #expect(result?.dtype.rawValue == expected["dtype"].string)
        #expect(try result?.scalars == expected["values"].strings.compactMap(Double.init))
      } catch is TreeError {
        #expect(expected["refused"].exists)
      }
    }
  }
}
