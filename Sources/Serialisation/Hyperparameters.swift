// A model with what it takes to build it: one line of JSON, then the stream (SE-08).
//
// It is the form that Equinox's documentation shows, so Python reads the line with `json.loads` and the
// rest with `tree_deserialise_leaves`, and the other way round. Keys are sorted, so that equal models
// give equal bytes. The path is taken as it is, as Python's `open` takes it.

public import Core
internal import Foundation
public import Tree

/// No line of hyperparameters is longer than this.
private let maximumLine = 1 << 24

/// Saves the hyperparameters as a line of JSON, and the leaves of a tree behind it.
public func save<H: Encodable, T: PyTree>(
  hyperparameters: H, _ tree: T, to path: String,
  filterSpec: SerialiseFilterSpec = defaultSerialiseFilterSpec
) throws {
  try replaceFile(path) { sink in
    let writer = LeafWriter(sink)
    try writer.write(raw: line(of: hyperparameters) + [0x0A])
    try writer.write(tree, filterSpec: filterSpec)
  }
}

/// Loads a tree whose skeleton is built from the file's own hyperparameters.
/// - Throws: `SerialisationError`; what `skeleton` throws.
public func load<H: Decodable, T: PyTree>(
  from path: String, accepting leniency: Leniency = [],
  filterSpec: DeserialiseFilterSpec = defaultDeserialiseFilterSpec, like skeleton: (H) throws -> T
) throws -> T {
  try loading(path, leniency) { try $0.read(like: skeleton($1), filterSpec: filterSpec) }
}

/// Loads a tree whose shapes follow from the file's own hyperparameters, as `filterEvalShape` gives
/// them.
public func load<H: Decodable, T: PyTree>(
  from path: String, accepting leniency: Leniency = [],
  filterSpec: DeserialiseFilterSpec = defaultDeserialiseFilterSpec,
  like skeleton: (H) throws -> LeafMap<T, ShapedArray?>
) throws -> T {
  try loading(path, leniency) { try $0.read(like: skeleton($1), filterSpec: filterSpec) }
}

private func loading<H: Decodable, T>(
  _ path: String, _ leniency: Leniency, _ body: (LeafReader, H) throws -> T
) throws -> T {
  try naming(path) {
    let reader = LeafReader(try ByteSource(path: path), leniency)
    guard let line = try reader.line(limit: maximumLine) else {
      throw SerialisationError(.badHeader("no line of JSON before the leaves"), offset: 0)
    }
    let tree = try body(reader, decoded(line))
    try reader.finish()
    return tree
  }
}

private func line<H: Encodable>(of hyperparameters: H) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  do { return [UInt8](try encoder.encode(hyperparameters)) } catch {
    throw SerialisationError(.cannotHold("the hyperparameters are no JSON (\(words(error)))"))
  }
}

private func decoded<H: Decodable>(_ line: [UInt8]) throws -> H {
  do { return try JSONDecoder().decode(H.self, from: Data(line)) } catch {
    throw SerialisationError(
      .badHeader("the first line is no JSON of \(H.self) (\(words(error)))"), offset: 0)
  }
}

/// What Foundation says of JSON, and where in it.
private func words(_ error: any Error) -> String {
  func text(_ context: DecodingError.Context) -> String {
    let place = context.codingPath.map(\.stringValue).joined(separator: ".")
    return (place.isEmpty ? "" : "\(place): ") + context.debugDescription
  }
  switch error {
  case DecodingError.keyNotFound(let key, _): return "no key '\(key.stringValue)'"
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
    DecodingError.dataCorrupted(let context):
    return text(context)
  case EncodingError.invalidValue(_, let context): return context.debugDescription
  case _: return "\(error)"
  }
}
