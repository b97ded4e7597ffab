// Moving elements: out[i] = x[source(i)], for every dtype alike.

/// The flat positions of an index space walked in row-major order: Σ index[a] · strides[a].
func positions(_ extents: [Int], _ strides: [Int], from start: Int = 0) -> [Int] {
  zip(extents, strides).reduce([start]) { found, axis in
    found.flatMap { base in (0..<axis.0).map { base + $0 * axis.1 } }
  }
}

extension ReferenceInterpreter {
  /// Operations that only read the operand at other places.
  static func moveKernel(_ p: Primitive, _ x: Value) -> Value {
    let (shape, sources) = movement(p, x.shape)
    return picked(x, sources, shape)
  }

  /// out[i] = x[sources[i]], or the elements as they stand.
  static func picked(_ x: Value, _ sources: [Int]?, _ shape: [Int]) -> Value {
    switch x {
    case .inexact(let x): return .inexact(gather(x, sources, shape))
    case .i32(let x): return .i32(gather(x, sources, shape))
    case .u32(let x): return .u32(gather(x, sources, shape))
    case .bool(let x): return .bool(gather(x, sources, shape))
    }
  }

  /// The result's shape and, for each of its elements, the position it is read from.
  private static func movement(_ p: Primitive, _ x: [Int]) -> (shape: [Int], sources: [Int]?) {
    let strides = rowMajorStrides(x)
    switch p {
    case .reshape(let shape): return (shape, nil)
    case .squeeze(let dims):
      return (x.indices.filter { !dims.contains($0) }.map { x[$0] }, nil)
    case .broadcastInDim(let shape, let dims):
      // out[i] = x[i[dims]], with index 0 on axes of extent 1
      var steps = [Int](repeating: 0, count: shape.count)
      for (axis, dim) in dims.enumerated() where x[axis] != 1 { steps[dim] = strides[axis] }
      return (shape, positions(shape, steps))
    case .transpose(let permutation):
      // out[i] = x[i[permutation⁻¹]]
      let shape = permutation.map { x[$0] }
      return (shape, positions(shape, permutation.map { strides[$0] }))
    case .slice(let start, let limit, let steps):
      // out[i] = x[start + i · steps]
      let shape = x.indices.map { (limit[$0] - start[$0] + steps[$0] - 1) / steps[$0] }
      let origin = zip(start, strides).reduce(0) { $0 + $1.0 * $1.1 }
      return (shape, positions(shape, zip(steps, strides).map { $0 * $1 }, from: origin))
    case .rev(let dims):
      // out[i] = x[n − 1 − i] on the reversed axes
      let origin = dims.reduce(0) { $0 + (x[$1] - 1) * strides[$1] }
      let steps = x.indices.map { dims.contains($0) ? -strides[$0] : strides[$0] }
      return (x, positions(x, steps, from: origin))
    case .unary, .integerPow, .polygamma, .reducePrecision, .binary, .compare, .selectN, .clamp,
      .convertElementType,
      .concatenate, .pad, .iota, .reduce, .argReduce, .dotGeneral, .collective, .axisIndex,
      .convGeneralDilated, .reduceWindow, .selectAndScatterAdd, .selectAndGatherAdd,
      .cumulative, .bitcastConvertType, .sort, .topK,
      .split, .threefry2x32, .dynamicSlice, .dynamicUpdateSlice,
      .gather, .scatter, .higherOrder:
      preconditionFailure("\(p.name) does not merely move elements")
    }
  }

  private static func gather<T>(
    _ x: DenseArray<T>, _ sources: [Int]?, _ shape: [Int]
  ) -> DenseArray<T> {
    DenseArray(shape: shape, scalars: sources.map { $0.map { x.scalars[$0] } } ?? x.scalars)
  }

  /// The operands one after another along `dim`.
  static func concatenateKernel(_ x: [Value], _ dim: Int) -> Value {
    switch x[0] {
    case .inexact: .inexact(joined(x.compactMap(\.inexactArray), dim))
    case .i32: .i32(joined(x.compactMap(\.i32Array), dim))
    case .u32: .u32(joined(x.compactMap(\.u32Array), dim))
    case .bool: .bool(joined(x.compactMap(\.boolArray), dim))
    }
  }

  private static func joined<T>(_ x: [DenseArray<T>], _ dim: Int) -> DenseArray<T> {
    var shape = x[0].shape
    shape[dim] = x.reduce(0) { $0 + $1.shape[dim] }
    // Each operand contributes one contiguous run per index of the axes before `dim`.
    let rows = shape[..<dim].reduce(1, *)
    let scalars = (0..<rows).flatMap { row in
      x.flatMap { operand in
        let run = operand.shape[dim...].reduce(1, *)
        return operand.scalars[row * run..<(row + 1) * run]
      }
    }
    return DenseArray(shape: shape, scalars: scalars)
  }

  /// out[low + i · (interior + 1)] = x[i] where that lies inside, `value` elsewhere.
  static func padKernel(_ x: Value, _ value: Value, _ config: [PaddingConfig]) -> Value {
    switch (x, value) {
    case (.inexact(let x), .inexact(let v)): .inexact(padded(x, v.scalars[0], config))
    case (.i32(let x), .i32(let v)): .i32(padded(x, v.scalars[0], config))
    case (.u32(let x), .u32(let v)): .u32(padded(x, v.scalars[0], config))
    case (.bool(let x), .bool(let v)): .bool(padded(x, v.scalars[0], config))
    case (.inexact, _), (.i32, _), (.u32, _), (.bool, _):
      preconditionFailure("pad of mixed dtypes passed the typing rule")
    }
  }

  private static func padded<T>(
    _ x: DenseArray<T>, _ value: T, _ config: [PaddingConfig]
  ) -> DenseArray<T> {
    let shape = zip(x.shape, config).map { $0 + $1.low + $1.high + max(0, $0 - 1) * $1.interior }
    let strides = rowMajorStrides(shape)
    // For each element of x its flat target, or nil when it is cropped.
    let targets = x.shape.indices.reduce([Int?.some(0)]) { found, axis in
      found.flatMap { base in
        (0..<x.shape[axis]).map { i in
          let at = config[axis].low + i * (config[axis].interior + 1)
          return shape[axis] > at && at >= 0 ? base.map { $0 + at * strides[axis] } : nil
        }
      }
    }
    var out = [T](repeating: value, count: shape.reduce(1, *))
    for (element, target) in Swift.zip(x.scalars, targets) {
      if let target { out[target] = element }
    }
    return DenseArray(shape: shape, scalars: out)
  }

  /// out[i] = i[dim].
  static func iotaKernel(_ dtype: DType, _ shape: [Int], _ dim: Int) -> Value {
    let steps = shape.indices.map { $0 == dim ? 1 : 0 }
    let indices = DenseArray(shape: shape, scalars: positions(shape, steps).map { Int32($0) })
    return convertKernel(.i32(indices), to: dtype)
  }
}
