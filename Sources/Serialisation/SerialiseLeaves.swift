// Trees to `.eqx` files and back, as `equinox.tree_serialise_leaves` and `tree_deserialise_leaves`.
//
// The file is Equinox's, byte for byte: what one side writes the other reads (SE-01, SE-02). It holds
// leaves and no names, so the skeleton must come from the same program; where it may not, save an
// archive (`saveArchive`), which knows what it holds.

public import Core
public import Tree

/// Saves the leaves of a tree as a file, which is complete or not there.
///
/// A path without a suffix gets `.eqx`.
/// - Throws: `SerialisationError` with the file, and the leaf if it is the leaf's fault.
public func serialiseLeaves<T: PyTree>(
  _ tree: T, to path: String, filterSpec: SerialiseFilterSpec = defaultSerialiseFilterSpec
) throws {
  try writeStream(to: path) { try $0.write(tree, filterSpec: filterSpec) }
}

/// The leaves of a tree as the bytes of a file.
public func serialiseLeaves<T: PyTree>(
  _ tree: T, filterSpec: SerialiseFilterSpec = defaultSerialiseFilterSpec
) throws -> [UInt8] {
  let writer = LeafWriter()
  try writer.write(tree, filterSpec: filterSpec)
  return writer.bytes
}

/// Loads a tree like `skeleton` from a file; strings and functions are the skeleton's.
///
/// A path without a suffix gets `.eqx`.
/// - Throws: `SerialisationError` with the file, the leaf and the byte.
public func deserialiseLeaves<T: PyTree>(
  from path: String, like skeleton: T, accepting leniency: Leniency = [],
  filterSpec: DeserialiseFilterSpec = defaultDeserialiseFilterSpec
) throws -> T {
  try readStream(from: path, accepting: leniency) {
    try $0.read(like: skeleton, filterSpec: filterSpec)
  }
}

/// Loads a tree like `skeleton` from the bytes of a file.
public func deserialiseLeaves<T: PyTree>(
  from bytes: [UInt8], like skeleton: T, accepting leniency: Leniency = [],
  filterSpec: DeserialiseFilterSpec = defaultDeserialiseFilterSpec
) throws -> T {
  let reader = LeafReader(bytes, accepting: leniency)
  let tree = try reader.read(like: skeleton, filterSpec: filterSpec)
  try reader.finish()
  return tree
}

/// Loads a tree of these shapes from a file, as `filterEvalShape` gives them.
public func deserialiseLeaves<T: PyTree>(
  from path: String, like shapes: LeafMap<T, ShapedArray?>, accepting leniency: Leniency = [],
  filterSpec: DeserialiseFilterSpec = defaultDeserialiseFilterSpec
) throws -> T {
  try readStream(from: path, accepting: leniency) {
    try $0.read(like: shapes, filterSpec: filterSpec)
  }
}

/// Writes a file of several trees with `body`; it is complete or not there.
///
/// A path without a suffix gets `.eqx`.
public func writeStream(to path: String, _ body: (LeafWriter) throws -> Void) throws {
  try replaceFile(withSuffix(path)) { try body(LeafWriter($0)) }
}

/// Reads a file of several trees with `body`, which must read to the end.
///
/// A path without a suffix gets `.eqx`.
public func readStream<Result>(
  from path: String, accepting leniency: Leniency = [], _ body: (LeafReader) throws -> Result
) throws -> Result {
  let path = withSuffix(path)
  return try naming(path) {
    let reader = LeafReader(try ByteSource(path: path), leniency)
    let result = try body(reader)
    try reader.finish()
    return result
  }
}

/// The path with `.eqx` if its last part has no suffix: text after a point that is neither its first
/// nor its last character, as in Python's pathlib.
func withSuffix(_ path: String) -> String {
  var path = path[...]
  while path.count > 1, path.last == "/" { path.removeLast() }
  let name = path.split(separator: "/").last ?? ""
  guard !name.isEmpty, name != ".", name != ".." else { return String(path) }
  let hasSuffix = name.dropFirst().dropLast().contains(".") && !name.hasSuffix(".")
  return String(path) + (hasSuffix ? "" : ".eqx")
}
