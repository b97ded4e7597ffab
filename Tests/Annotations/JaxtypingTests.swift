// Golden: what the real jaxtyping accepts, and what it binds (fixtures/annotations.json).

import Annotations
import Core
import Foundation
import Testing
import Tree

/// The file that tools/golden/cases/annotations.py wrote.
private struct Tables: Decodable {
  struct Word: Decodable {
    let text: String
    let axes: [String]?
    let error: String?
  }

  struct Pair: Decodable {
    let `class`: String
    let dtype: String
    let accepts: Bool
  }

  struct Scope: Decodable {
    let name: String
    let numbers: [String: Int]
    let steps: [Step]
  }

  struct Step: Decodable {
    let `class`: String
    let text: String
    let dtype: String
    let shapes: [[Int]]
    let structure: String?
    let outcome: String
    let extents: [String: Int]
    let runs: [String: [Int]]
  }

  let jaxtyping: String
  let words: [Word]
  let dtypes: [Pair]
  let scopes: [Scope]

  static func read() throws -> Tables {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data = try Data(contentsOf: root.appending(path: "fixtures/annotations.json"))
    return try JSONDecoder().decode(Tables.self, from: data)
  }
}

extension Tables.Step {
  /// The annotation and the value of this step.
  func annotated() throws -> Annotated {
    let dtype = try #require(DType(rawValue: dtype))
    let annotation = ShapeAnnotation(try #require(DTypeClass(rawValue: `class`)), text)
    let arrays = try shapes.map { try zeros($0, dtype) }
    return structure == nil ? arrays[0].is(annotation) : arrays.is(annotation, structure: structure)
  }

  /// `accept`, `reject` or `error`, as the fixture says it.
  func outcome(in scope: inout ShapeScope) throws -> String {
    do {
      try scope.check("x", annotated())
      return "accept"
    } catch is ShapeError {
      return "reject"
    } catch is AnnotationError {
      return "error"
    }
  }
}

/// An axis in the words of the generator.
private func described(_ axis: Axis) -> String {
  func marks(_ isBroadcastable: Bool, _ isPerLeaf: Bool = false) -> String {
    (isBroadcastable ? "#" : "") + (isPerLeaf ? "?" : "")
  }
  switch axis {
  case .anonymous: return "anonymous"
  case .anonymousVariadic: return "anonymousVariadic"
  case .named(let name, let isWide, let isPerLeaf):
    return "named \(marks(isWide, isPerLeaf))\(name)"
  case .variadic(let name, let isWide, let isPerLeaf):
    return "variadic \(marks(isWide, isPerLeaf))\(name)"
  case .fixed(let size, let isWide): return "fixed \(marks(isWide))\(size)"
  case .expression(let expression, let isWide): return "expression \(marks(isWide))\(expression)"
  }
}

@Suite struct JaxtypingTests {
  @Test func `texts are read as jaxtyping reads them`() throws {
    let words = try Tables.read().words
    #expect(words.contains { $0.error != nil } && words.contains { $0.axes != nil })
    for word in words {
      let axes = (try? ShapeAnnotation.shaped(word.text).parsed.get())?.words.map(described)
      // A word without a name: theirs is a name that is empty, ours an error.
      let hasEmptyName = word.axes?.contains { $0.hasSuffix(" ") || $0.hasSuffix("?") } == true
      #expect(axes == (hasEmptyName ? nil : word.axes), "\(word.text): \(word.error ?? "")")
    }
  }

  @Test func `each class accepts jaxtyping's dtypes`() throws {
    let pairs = try Tables.read().dtypes
    #expect(pairs.count == DTypeClass.allCases.count * Set(pairs.map(\.dtype)).count)
    for pair in pairs {
      let accepts = try #require(DTypeClass(rawValue: pair.class))
        .accepts(#require(DType(rawValue: pair.dtype)))
      #expect(accepts == pair.accepts, "\(pair.class) and \(pair.dtype)")
    }
  }

  @Test func `checks accept, reject and bind as jaxtyping does`() throws {
    let scopes = try Tables.read().scopes
    #expect(Set(scopes.flatMap(\.steps).map(\.outcome)) == ["accept", "reject", "error"])
    for scope in scopes {
      var ours = ShapeScope("f")
      for (name, number) in scope.numbers { ours.define(name, number) }
      for (index, step) in scope.steps.enumerated() {
        let place = "\(scope.name), step \(index): \(step.class) \"\(step.text)\" \(step.shapes)"
        #expect(try step.outcome(in: &ours) == step.outcome, "\(place)")
        let bindings = ours.bindings
        let extents = Dictionary(uniqueKeysWithValues: bindings.names.map { ($0, bindings[$0]) })
        let runs = Dictionary(
          uniqueKeysWithValues: bindings.runNames.map { ($0, bindings.run($0)) })
        #expect(extents == step.extents.mapValues(Optional.some), "\(place)")
        #expect(runs == step.runs.mapValues(Optional.some), "\(place)")
      }
    }
  }
}
