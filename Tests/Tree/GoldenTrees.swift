// Trees as fixtures/trees.h5 and filters.h5 describe them, and what the files say of each.

import Core
import Foundation
import HDF5Storage
import TestSupport
import Tree

/// One case: a name and a JSON object.
struct TreeCase: Sendable, CustomStringConvertible {
  let description: String
  private let text: String

  init(_ file: HDF5File, _ path: String) throws {
    description = path
    text = try file.string("found", of: path)
  }

  /// All cases of one kind.
  static func all(_ kind: String, in name: String = "trees.h5") throws -> [TreeCase] {
    let file = try HDF5File.open(fixturePath(name))
    return try file.children(of: "/\(kind)").map { try TreeCase(file, "/\(kind)/\($0.name)") }
  }

  /// What upstream found.
  func found() throws -> JSON { JSON(try JSONSerialization.jsonObject(with: Data(text.utf8))) }
}

/// A JSON value, read by asking for what should be there.
struct JSON {
  private let value: Any?

  init(_ value: Any?) { self.value = value }

  subscript(_ key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
  var exists: Bool { value != nil }
  var keys: [String] { (value as? [String: Any])?.keys.sorted() ?? [] }
  var array: [JSON] { (value as? [Any])?.map(JSON.init) ?? [] }
  var strings: [String] { array.map(\.string) }
  var ints: [Int] { array.map(\.int) }
  var string: String { value as? String ?? "" }
  var int: Int { (value as? NSNumber)?.intValue ?? 0 }
  var isNumber: Bool { value is NSNumber }
  var double: Double { (value as? NSNumber)?.doubleValue ?? 0 }
  var bool: Bool { (value as? NSNumber)?.boolValue ?? false }

  /// The tree that this describes.
  func tree() throws -> DynamicTree {
    guard let kind = keys.first else { throw TreeError.badArgument("no tree: \(self)") }
    let content = self[kind]
    switch kind {
    case "none": return .none
    case "list": return .list(try content.array.map { try $0.tree() })
    case "tuple": return .tuple(try content.array.map { try $0.tree() })
    case "dict":
      let pairs = try content.array.map { ($0.array[0].string, try $0.array[1].tree()) }
      return .dictionary(Dictionary(uniqueKeysWithValues: pairs))
    case "module":
      return .node(content.array[0].string, try content.array[1].array.map { try $0.field() })
    case _: return .leaf(try leaf())
    }
  }

  private func field() throws -> DynamicTree.Field {
    let (name, content) = (array[0].string, array[1])
    guard content.keys == ["static"] else {
      return DynamicTree.Field(name, .tree(try content.tree()))
    }
    switch try content["static"].leaf() {
    case .int(let value): return DynamicTree.Field(name, .constant(StaticValue(value)))
    case .bool(let value): return DynamicTree.Field(name, .constant(StaticValue(value)))
    case .double(let value): return DynamicTree.Field(name, .constant(StaticValue(value)))
    case .string(let value): return DynamicTree.Field(name, .constant(StaticValue(value)))
    case .tensor, .function: throw TreeError.badArgument("no constant: \(content)")
    }
  }

  private func leaf() throws -> Leaf {
    let kind = keys.first ?? ""
    let content = self[kind]
    switch kind {
    case "int": return .int(content.int)
    case "bool": return .bool(content.bool)
    case "str": return .string(content.string)
    case "float": return .double(Double(content.string) ?? .nan)
    case "array":
      let dtype = DType(rawValue: content.array[0].string) ?? .f32
      let values = content.array[2].strings.map { DoubleDouble(Double($0) ?? .nan) }
      return .tensor(
        Tensor(shape: content.array[1].ints, Storage(rounding: values, to: dtype)))
    case _: throw TreeError.badArgument("no leaf: \(kind)")
    }
  }
}
