// The numbers of one variant of a case: operands, tangents, cotangent and what JAX made of them.

import Core
package import HDF5Storage

/// One variant of a case, read.
struct GoldenVariant {
  let label: String
  /// x0, x1, …
  let operands: [Buffer]
  /// dx by the index of its operand.
  let tangents: [Int: Buffer]
  /// The cotangents by the index of their results; present with tangents.
  let cotangents: [Int: Buffer]
  /// Eager results by name.
  let outputs: [String: Buffer]
  /// The results of one compiled run, if the file has them: a sample of the noise.
  let compiled: [String: Buffer]

  /// The operands that are differentiated, in order.
  var differentiated: [Int] { tangents.keys.sorted() }
}

extension GoldenFile {
  /// Reads one variant.
  func variant(_ label: String, of golden: GoldenCase) throws -> GoldenVariant {
    let group = "\(golden.path)/in/\(label)"
    let inputs = try buffers(in: group)
    let operands = try operands(inputs, group)
    let tangents = try tangents(inputs, operands, group)
    let cotangents = cotangents(inputs)
    guard cotangents.isEmpty == tangents.isEmpty else {
      throw GoldenError(path, group, "has tangents without a cotangent, or the reverse")
    }
    let noise = "\(golden.path)/out/jit_\(label)"
    return GoldenVariant(
      label: label, operands: operands, tangents: tangents, cotangents: cotangents,
      outputs: try buffers(in: "\(golden.path)/out/\(label)"),
      compiled: try storage.kind(at: noise) == nil ? [:] : buffers(in: noise))
  }

  private func operands(_ inputs: [String: Buffer], _ group: String) throws -> [Buffer] {
    var operands: [Buffer] = []
    while let next = inputs["x\(operands.count)"] { operands.append(next) }
    let known = Set(operands.indices.flatMap { ["x\($0)", "dx\($0)"] } + ["ct"])
    if let unknown = inputs.keys.sorted().first(where: {
      !known.contains($0) && $0.wholeMatch(of: /ct[0-9]+/) == nil
    }) {
      throw GoldenError(path, "\(group)/\(unknown)", "has no meaning beside its neighbours")
    }
    return operands
  }

  /// `ct` of a single result, or `ct0`, `ct1`, … of those of several that have a tangent space.
  private func cotangents(_ inputs: [String: Buffer]) -> [Int: Buffer] {
    if let ct = inputs["ct"] { return [0: ct] }
    let pairs = inputs.compactMap { name, buffer in
      name.hasPrefix("ct") ? Int(name.dropFirst(2)).map { ($0, buffer) } : nil
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  private func tangents(
    _ inputs: [String: Buffer], _ operands: [Buffer], _ group: String
  ) throws -> [Int: Buffer] {
    var tangents: [Int: Buffer] = [:]
    for (index, x) in operands.enumerated() {
      guard let dx = inputs["dx\(index)"] else { continue }
      guard dx.aval == x.aval, dx.aval.dtype.isInexact else {
        throw GoldenError(
          path, "\(group)/dx\(index)", "is \(dx.aval); x\(index) is \(x.aval)")
      }
      tangents[index] = dx
    }
    return tangents
  }

  /// Every dataset of a group, by name.
  private func buffers(in group: String) throws -> [String: Buffer] {
    try storage.children(of: group).reduce(into: [:]) { all, child in
      all[child.name] = try buffer(at: "\(group)/\(child.name)")
    }
  }

  private func buffer(at dataset: String) throws -> Buffer {
    let array = try storage.array(at: dataset)
    let declared = try storage.string("dtype", of: dataset)
    guard let elements = Storage(array.elements), elements.dtype.rawValue == declared else {
      throw GoldenError(
        path, dataset,
        "is stored as \(array.elements.typeName), but its attribute 'dtype' is '\(declared)'")
    }
    return Buffer(shape: array.shape, elements)
  }
}

extension Storage {
  /// The elements of a dataset; `nil` for a type that no tensor has.
  package init?(_ elements: StoredArray.Elements) {
    switch elements {
    case .f32(let values): self = .f32(values)
    case .f64(let values): self = .f64(values)
    case .i32(let values): self = .i32(values)
    case .u32(let values): self = .u32(values)
    case .bool(let values): self = .bool(values)
    case .i64, .u8: return nil
    }
  }
}
