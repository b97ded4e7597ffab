// What stands between brackets as text, as fixtures state it: Python's own "0", "1:3", "::-1", "...",
// "None"; "t" for the next tensor; "mask 2x3:110010" for a mask, whose values belong to the program
// because they decide the shape of its result.

import Core

/// The texts of an index.
struct IndexText {
  private let texts: [String]

  init(_ texts: [String]) { self.texts = texts }

  /// The index, `tensors` in place of its "t".
  func resolved(_ tensors: ArraySlice<Tensor>) throws -> [any TensorIndex] {
    var rest = tensors
    let all = try texts.map { try resolve($0, &rest) }
    guard rest.isEmpty else { throw refused("needs fewer operands than it got") }
    return all
  }

  private func resolve(_ text: String, _ rest: inout ArraySlice<Tensor>) throws -> any TensorIndex {
    switch text {
    case "t":
      guard let tensor = rest.popFirst() else { throw refused("needs more operands") }
      return tensor
    case "...": return ellipsis
    case "None": return newAxis
    case _ where text.hasPrefix("mask "): return try mask(text)
    case _:
      if let i = Int(text) { return i }
      return try slice(text)
    }
  }

  private func slice(_ text: String) throws -> any TensorIndex {
    let bounds = try text.split(separator: ":", omittingEmptySubsequences: false)
      .map { part -> Int? in
        guard !part.isEmpty else { return nil }
        guard let bound = Int(part) else { throw refused("'\(text)' is not an index") }
        return bound
      }
    guard (2...3).contains(bounds.count) else { throw refused("'\(text)' is not an index") }
    return Stride(from: bounds[0], to: bounds[1], by: (bounds.count == 3 ? bounds[2] : nil) ?? 1)
  }

  private func mask(_ text: String) throws -> any TensorIndex {
    let parts = text.dropFirst("mask ".count).split(
      separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw refused("'\(text)' is not a mask") }
    let shape = parts[0].split(separator: "x").compactMap { Int($0) }
    let bits = parts[1].map { $0 == "1" }
    guard shape.reduce(1, *) == bits.count else { throw refused("'\(text)' is not a mask") }
    return Tensor(shape: shape, .bool(bits))
  }

  private func refused(_ why: String) -> CatalogueError {
    CatalogueError(program: "index \(texts)", message: why)
  }
}
