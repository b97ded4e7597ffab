// Dictionaries of tensors: the short ways through them are the general way.
//
// A dictionary of `Named` takes the general way, one of tensors the short one; both have the same
// keys and the same tensors.

import Catalogue
import Core
import TestSupport
import Testing
import Tree

/// A tensor in a node of its own.
private struct Named: PyTree {
  var x: Tensor

  mutating func visitFields(_ visitor: FieldVisitor) { visitor.field("x", &x) }
}

private typealias Tables = [String: [String: Tensor]]

/// Keys that share beginnings, differ beyond eight bytes, are no ASCII, or equal one another in all but
/// bytes: the sign of kelvin is a K to Swift.
private let oddKeys = [
  "", "a", "b", "K", "L", "layer000", "layer0001", "layer00010", "layer00011", "e\u{301}", "\u{e9}",
  "\u{10348}", "\u{ff5e}", "Z", "\u{212b}",
]

/// Many keys that their last byte tells apart, of which one alone has another byte at `place`.
private func oneApart(_ place: Int) -> [String] {
  func key(_ byte: Character, _ last: Int) -> String {
    String((0..<7).map { $0 == place ? byte : "a" }) + String(UnicodeScalar(UInt8(48 + last)))
  }
  return [key("b", 0)] + (1...40).map { key("a", $0) }
}

private func tensor(_ number: Int) -> Tensor { Tensor(shape: [], .i32([Int32(number)])) }

private func numbers(_ leaves: [Leaf]) throws -> [Double] {
  try leaves.map { try #require($0.tensor).item }
}

private func isBefore(_ a: String, _ b: String) -> Bool {
  a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
}

@Suite struct DictionaryTests {
  @Test("PT-01 keys come in the order of their code points, few and many, plain and odd")
  func order() throws {
    var random = SeededGenerator(seed: SeededGenerator.testSeed)
    let plain = (0..<400).map { "layer" + String(1000 + $0).dropFirst() }
    let sets =
      [oddKeys, plain, plain.map { String($0.reversed()) }, oddKeys + plain]
      + oddKeys.flatMap { a in oddKeys.filter { $0 != a }.map { [a, $0] } }
      + [["K", "L"], ["\u{212a}", "L"], ["\u{212b}", "z"], ["A\u{30a}", "z"]]
      + (0..<7).map(oneApart)
    // Sets in a row, in one visit: what is known of two keys must not be taken for others.
    for keys in sets {
      let keys = Array(Set(keys)).shuffled(using: &random)
      let table = Dictionary(
        uniqueKeysWithValues: keys.enumerated().map { ($1, tensor($0)) })
      let expected = keys.indices.sorted { isBefore(keys[$0], keys[$1]) }.map(Double.init)
      #expect(try numbers(table.leaves) == expected, "\(keys), seed \(SeededGenerator.testSeed)")
      let general = table.mapValues { Named(x: $0) }
      #expect(try numbers(general.leaves) == expected)
    }
    let pairs = sets.filter { $0.count == 2 }.map { keys in
      Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, tensor($0)) })
    }
    #expect(try numbers(pairs.leaves) == pairs.flatMap { try numbers($0.leaves) })
    let moved = try pairs.unflatten(pairs.leaves.indices.map { .tensor(tensor($0)) })
    #expect(try numbers(moved.leaves) == pairs.leaves.indices.map(Double.init))
  }

  /// Dictionaries of 0 to 40 tensors.
  private func tables() -> Tables {
    var next = 0
    return Dictionary(
      uniqueKeysWithValues: [3, 0, 2, 1, 40, 2, 2].enumerated().map { place, count in
        (
          "t\(7 - place)",
          Dictionary(
            uniqueKeysWithValues: (0..<count).map { k in
              next += 1
              return ("\(k * 7 % 41)", tensor(next))
            })
        )
      })
  }

  @Test("PT-18 dictionaries of tensors come apart and together as any dictionary")
  func together() throws {
    let tables = tables()
    let general = tables.mapValues { $0.mapValues { Named(x: $0) } }
    let leaves = tables.leaves
    #expect(try numbers(leaves) == numbers(general.leaves))
    let news = leaves.indices.map { Leaf.tensor(tensor(1000 + $0)) }
    #expect(try numbers(tables.unflatten(news).leaves) == leaves.indices.map { 1000 + Double($0) })
    #expect(try treeBitwiseEqual(tables.unflatten(leaves), tables))
    var seen: [Double] = []
    let doubled = try treeMap(tensors: tables) { x in
      seen.append(try x.item)
      return try x * 2
    }
    #expect(try seen == numbers(leaves))
    #expect(try numbers(doubled.leaves) == seen.map { $0 * 2 })
    #expect(doubled.treeDef == tables.treeDef)
    #expect(
      try treeMap(tables, doubled) { a, b in .tensor(try #require(b.tensor) - #require(a.tensor)) }
        .leaves.map { try #require($0.tensor).item } == seen)
  }

  @Test("PT-01 a definition has the keys in order, however the dictionary came about")
  func definitions() throws {
    for number in [2, 3, 40] {
      let keys = (0..<number).map { "k\($0 * 7 % 41)" }
      var (grown, reserved) = ([String: Tensor](), [String: Tensor](minimumCapacity: 1000))
      for key in keys { grown[key] = tensor(1) }
      for key in keys.reversed() { reserved[key] = tensor(2) }
      let flat = "{" + keys.sorted().map { "'\($0)': *" }.joined(separator: ", ") + "}"
      #expect(grown.treeDef.description == "PyTreeDef(\(flat))")
      #expect(grown.treeDef == reserved.treeDef)
      let nested = grown.mapValues { _ in grown }
      #expect(
        nested.treeDef.description
          == "PyTreeDef(" + flat.replacing("*", with: flat) + ")")
      #expect(nested.treeDef == reserved.mapValues { _ in reserved }.treeDef)
    }
  }

  @Test("PT-18 one new tensor goes to its place and the others stay") func one() throws {
    let tables = tables()
    let old = try numbers(tables.leaves)
    for place in old.indices {
      var leaves = tables.leaves
      leaves[place] = .tensor(tensor(-1))
      var expected = old
      expected[place] = -1
      #expect(try numbers(tables.unflatten(leaves).leaves) == expected)
    }
    #expect(try numbers(tables.leaves) == old, "the tree itself is unchanged")
  }

  @Test("PT-18 a wrong leaf or a missing one is an error with its path") func wrong() {
    let pair: Tables = ["a": ["x": tensor(1), "y": tensor(2)], "b": ["z": tensor(3)]]
    var leaves = pair.leaves
    leaves[1] = .int(5)
    #expect(
      message { try pair.unflatten(leaves) }
        == "['a']['y']: the tree holds a tensor here, got an int")
    #expect(
      message { try pair.unflatten(Array(pair.leaves.dropLast())) }.contains("none for ['b']['z']"))
    #expect(message { try pair.unflatten(pair.leaves + pair.leaves) }.contains("too many leaves"))
    var calls = 0
    let text = message {
      try treeMap(pair) { leaf in
        calls += 1
        return calls == 2 ? .bool(true) : leaf
      }
    }
    #expect(text == "['a']['y']: the tree holds a tensor here, got a bool" && calls == 2)
  }
}
