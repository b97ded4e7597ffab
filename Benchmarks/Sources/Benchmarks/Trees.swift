// What trees of 1,000 tensors cost: 500 layers of two in a module, and the same in dictionaries.
//
// The trees and the names of the measures are those of Benchmarks/peers/pytree.py.

import Assay

private struct Layer: Module {
  var weight: Tensor
  var bias: Tensor?
  let inFeatures: Int
  let outFeatures: Int
  let useBias: Bool

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
    visitor.constant("inFeatures", inFeatures)
    visitor.constant("outFeatures", outFeatures)
    visitor.constant("useBias", useBias)
  }
}

private struct Stack: Module {
  var layers: [Layer]

  mutating func visitFields(_ visitor: FieldVisitor) { visitor.field("layers", &layers) }
}

private typealias Nested = [String: [String: Tensor]]

func benchmarkTrees(_ settings: Settings) throws {
  let layers = (0..<500).map { i in
    let x = Double(i)
    return Layer(
      weight: Tensor([[x, x], [x, x]]), bias: Tensor([x, x]), inFeatures: 2, outFeatures: 2,
      useBias: true)
  }
  let names = layers.indices.map { "layer" + String(String(1000 + $0).dropFirst()) }
  let nested = Nested(
    uniqueKeysWithValues: zip(names, layers).map {
      ($0, ["weight": $1.weight, "bias": $1.bias ?? $1.weight])
    })
  try measureJit(layers, settings)
  let new = Tensor([[0, 0], [0, 0]])
  let stack = Stack(layers: layers)
  try measureStructure(stack, "module", settings)
  try measureLeaves(stack, "module", settings)
  try measureSurgery(
    stack, "module", settings, new, \.layers[250].weight,
    layers.indices.map { \.layers[$0].weight })
  try measureStructure(nested, "dict", settings)
  try measureLeaves(nested, "dict", settings)
  try measureSurgery(
    nested, "dict", settings, new, \.[at: "layer250"][at: "weight"],
    names.map { \.[at: $0][at: "weight"] })
}

/// A cached call of a function that does almost nothing, on a model of ten tensors.
private func measureJit(_ layers: [Layer], _ settings: Settings) throws {
  let model = Stack(layers: Array(layers.prefix(5)))
  let x = Tensor([1, 2])
  let f = filterJit { (m: Stack, x: Tensor) in try m.layers[0].bias.map { try x + $0 } ?? x }
  try withBackend(OpenBLASBackend(threads: settings.threads)) {
    try micro("filter_jit_cached", settings) { keep(try f(model, x)) }
  }
}

private func micro(
  _ name: String, _ settings: Settings, _ body: () throws -> Void
) throws {
  let measurement = try Measurement.repeated(9, body)
  report("pytree", name, settings, unit: "us", measurement) { $0 * 1e6 }
}

/// A copy that shares no storage with `tree`'s spine.
private func rebuilt<T: PyTree>(_ tree: T) throws -> T { try treeMap(tree) { $0 } }

private func measureStructure<T: PyTree>(
  _ tree: T, _ name: String, _ settings: Settings
) throws {
  let (leaves, definition) = tree.flatten()
  let other = try rebuilt(tree).treeDef
  try micro("flatten/\(name)", settings) { keep(tree.flatten()) }
  try micro("leaves/\(name)", settings) { keep(tree.leaves) }
  try micro("unflatten/\(name)", settings) { keep(try tree.unflatten(leaves)) }
  // Tensors that the tree does not have: a dictionary cannot be kept.
  let others = try leaves.map { leaf in try leaf.tensor.map { .tensor(try $0 + 1) } ?? leaf }
  try micro("unflatten_others/\(name)", settings) { keep(try tree.unflatten(others)) }
  try micro("flatten_with_path/\(name)", settings) { keep(tree.flattenWithPaths()) }
  try micro("structure_equal/\(name)", settings) { keep(definition == other) }
  try micro("structure_hash/\(name)", settings) { keep(definition.hashValue) }
}

private func measureLeaves<T: PyTree>(_ tree: T, _ name: String, _ settings: Settings) throws {
  let other = try rebuilt(tree)
  let (a, b) = partition(tree, isArray)
  try micro("map_identity/\(name)", settings) { keep(try treeMap(tree) { $0 }) }
  try micro("map_two_trees/\(name)", settings) { keep(try treeMap(tree, other) { x, _ in x }) }
  try micro("filter_is_array/\(name)", settings) { keep(filter(tree, isArray)) }
  try micro("partition/\(name)", settings) { keep(partition(tree, isArray)) }
  try micro("combine/\(name)", settings) { keep(try combine(a, b)) }
  try micro("tree_equal/\(name)", settings) { keep(try treeEqual(tree, other)) }
}

private func measureSurgery<T: PyTree>(
  _ tree: T, _ name: String, _ settings: Settings, _ new: Tensor,
  _ one: WritableKeyPath<T, Tensor>, _ all: [WritableKeyPath<T, Tensor>]
) throws {
  let news = all.map { _ in new }
  try micro("tree_at_one/\(name)", settings) {
    keep(try treeAt(one, in: tree, replaceWith: new))
  }
  try micro("tree_at_500/\(name)", settings) {
    keep(try treeAt(paths: all, in: tree, replaceWith: news))
  }
}

/// Keeps the compiler from leaving out work whose result nobody reads.
@inline(never) private func keep<T>(_ value: T) {}
