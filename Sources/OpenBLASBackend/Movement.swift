// Operations that move elements: one transfer per operand. Bit for bit what the reference gives.

internal import Core

/// A movement ready to run.
struct Movement: Sendable {
  private let name: String
  private let out: ShapedArray
  private let transfers: [Transfer]
  /// What stands where no transfer writes: nothing, the last operand, or no operand at all.
  private let background: Background

  private enum Background {
    case none, lastOperand
    /// The operand is 0, 1, …, n − 1.
    case counted(Int)
  }

  private init(
    _ name: String, _ out: ShapedArray, _ transfers: [Transfer], _ background: Background = .none
  ) {
    (self.name, self.out, self.transfers, self.background) = (name, out, transfers, background)
  }

  /// out[i] = x[i[dims]], with index 0 on axes of extent 1.
  static func broadcast(_ x: ShapedArray, to out: ShapedArray, _ dims: [Int]) -> Movement {
    Movement("broadcast_in_dim", out, [spread(x.shape, to: out.shape, dims)])
  }

  /// out[i] = x[i[permutation⁻¹]].
  static func transpose(_ x: ShapedArray, _ permutation: [Int]) -> Movement {
    let strides = rowMajorStrides(x.shape)
    let out = x.with(shape: permutation.map { x.shape[$0] })
    return Movement(
      "transpose", out, [Transfer(out.shape, from: (0, permutation.map { strides[$0] }))])
  }

  /// out[i] = x[start + i · steps].
  static func slice(
    _ x: ShapedArray, to out: ShapedArray, start: [Int], steps: [Int]
  ) -> Movement {
    let strides = rowMajorStrides(x.shape)
    let origin = zip(start, strides).reduce(0) { $0 + $1.0 * $1.1 }
    let scaled = zip(steps, strides).map { $0 * $1 }
    return Movement("slice", out, [Transfer(out.shape, from: (origin, scaled))])
  }

  /// out[i] = x[n − 1 − i] on the axes `dims`.
  static func rev(_ x: ShapedArray, _ dims: [Int]) -> Movement {
    let strides = rowMajorStrides(x.shape)
    let origin = dims.reduce(0) { $0 + (x.shape[$1] - 1) * strides[$1] }
    let steps = x.shape.indices.map { dims.contains($0) ? -strides[$0] : strides[$0] }
    return Movement("rev", x, [Transfer(x.shape, from: (origin, steps))])
  }

  /// The operands one after another along `dim`.
  static func concatenate(_ x: [ShapedArray], to out: ShapedArray, _ dim: Int) -> Movement {
    Movement("concatenate", out, concatenation(x.map(\.shape), to: out.shape, dim))
  }

  /// Operands (x, value): x apart, value around and between.
  static func pad(_ x: ShapedArray, to out: ShapedArray, _ config: [PaddingConfig]) -> Movement {
    Movement("pad", out, [padding(x.shape, to: out.shape, config)], .lastOperand)
  }

  /// out[i] = i[dim].
  static func iota(_ out: ShapedArray, _ dim: Int) -> Movement {
    let extent = out.shape[dim]
    return Movement("iota", out, [spread([extent], to: out.shape, [dim])], .counted(extent))
  }

  func run(_ inputs: [Buffer]) -> Buffer {
    if case .counted(let count) = background {
      let indices: [Int32] = moved([(0..<Int32(count)).map { $0 }], nil)
      return Buffer(shape: out.shape, converted(.i32(indices), to: out.dtype))
    }
    let storage: Storage =
      switch out.dtype {
      case .f32: .f32(moved(inputs))
      case .f64: .f64(moved(inputs))
      case .i32: .i32(moved(inputs))
      case .u32: .u32(moved(inputs))
      case .bool: .bool(moved(inputs))
      }
    return Buffer(shape: out.shape, storage)
  }

  private func moved<T: StorageElement>(_ inputs: [Buffer]) -> [T] {
    let arrays = inputs.map { T.array($0.storage) }
    switch background {
    case .none, .counted: return moved(arrays, nil)
    case .lastOperand: return moved(arrays.dropLast(), arrays[arrays.count - 1][0])
    }
  }

  private func moved<T>(_ arrays: [[T]], _ background: T?) -> [T] {
    filledArray(out.size) { target in
      if let background { target.initialize(repeating: background, count: out.size) }
      for (array, transfer) in zip(arrays, transfers) {
        array.withUnsafeBufferPointer { source in
          if let base = source.baseAddress, !source.isEmpty { transfer.run(base, target) }
        }
      }
    }
  }
}

extension Movement: CustomStringConvertible {
  var description: String { name }
}

/// Neighbouring sections of one operand along `axis`.
func sections(
  _ x: ShapedArray, _ sizes: [Int], _ axis: Int, _ outs: [ShapedArray]
) -> [Movement] {
  var offset = 0
  return zip(sizes, outs).map { size, out in
    defer { offset += size }
    let start = x.shape.indices.map { $0 == axis ? offset : 0 }
    return .slice(x, to: out, start: start, steps: start.map { _ in 1 })
  }
}

/// out[i] = x[i[dims]], with index 0 on axes of extent 1.
private func spread(_ shape: [Int], to out: [Int], _ dims: [Int]) -> Transfer {
  let strides = rowMajorStrides(shape)
  var steps = [Int](repeating: 0, count: out.count)
  for (axis, dim) in dims.enumerated() where shape[axis] != 1 { steps[dim] = strides[axis] }
  return Transfer(out, from: (0, steps))
}

/// Each operand at its offset along `dim`.
private func concatenation(_ shapes: [[Int]], to out: [Int], _ dim: Int) -> [Transfer] {
  let strides = rowMajorStrides(out)
  var offset = 0
  return shapes.map { shape in
    defer { offset += shape[dim] }
    return Transfer(
      shape, from: (0, rowMajorStrides(shape)), to: (offset * strides[dim], strides))
  }
}

/// out[low + i · (interior + 1)] = x[i] for the indices i that land inside.
private func padding(_ shape: [Int], to out: [Int], _ config: [PaddingConfig]) -> Transfer {
  let (from, to) = (rowMajorStrides(shape), rowMajorStrides(out))
  var (extents, fromOrigin, toOrigin) = (shape, 0, 0)
  for (axis, c) in config.enumerated() {
    let step = c.interior + 1
    let inside = (0..<shape[axis]).filter { (0..<out[axis]).contains(c.low + $0 * step) }
    extents[axis] = inside.count
    guard let first = inside.first else { continue }
    fromOrigin += first * from[axis]
    toOrigin += (c.low + first * step) * to[axis]
  }
  let steps = zip(to, config).map { $0 * ($1.interior + 1) }
  return Transfer(extents, from: (fromOrigin, from), to: (toOrigin, steps))
}
