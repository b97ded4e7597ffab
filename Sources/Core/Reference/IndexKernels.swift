// Reading and writing windows at computed places.
//
// A scatter goes through the windows in the order of the indices, so that a sum has one order and of
// several updates of one element the last one stays.

extension ReferenceInterpreter {
  /// out[i] = x[start + i], the start moved so that the window lies inside.
  static func dynamicSliceKernel(_ x: Value, _ starts: [Value], _ sizes: [Int]) -> Value {
    let layout = WindowLayout(x.shape, sizes: sizes)
    let origins = layout.origins(starts.flatMap(\.wholeNumbers), .clipped)
    return gathered(x, sizes, layout, origins, fill: FillValue(0))
  }

  /// out = x, and out[start + i] = update[i], the start moved so that the window lies inside.
  static func dynamicUpdateSliceKernel(_ x: Value, _ update: Value, _ starts: [Value]) throws
    -> Value
  {
    let layout = WindowLayout(x.shape, sizes: update.shape)
    let origins = layout.origins(starts.flatMap(\.wholeNumbers), .clipped)
    return try scattered(.set, x, update, layout, origins)
  }

  /// out[b, w] = x[origin(b) + w], or the fill value where window b leaves x.
  static func gatherKernel(_ x: Value, _ indices: Value, _ p: GatherParameters) throws -> Value {
    let aval = try gatherType(
      ShapedArray(.f64, x.shape), ShapedArray(.i32, indices.shape), p)
    let layout = WindowLayout(x.shape, indices: indices.shape, windows: aval.shape, p)
    let fill: FillValue = if case .fill(let value) = p.mode { value } else { FillValue(0) }
    let origins = layout.origins(indices.wholeNumbers, p.mode.outside)
    return gathered(x, aval.shape, layout, origins, fill: fill)
  }

  /// out = x, and out[origin(b) + w] = out[origin(b) + w] ∘ updates[b, w] for each b in turn.
  static func scatterKernel(
    _ op: ScatterCombination, _ x: Value, _ indices: Value, _ updates: Value,
    _ p: ScatterParameters
  ) throws -> Value {
    let layout = WindowLayout(
      x.shape, indices: indices.shape, updates: updates.shape, p.numbers)
    let origins = layout.origins(indices.wholeNumbers, p.mode.outside)
    return try scattered(op, x, updates, layout, origins)
  }

  private static func gathered(
    _ x: Value, _ shape: [Int], _ layout: WindowLayout, _ origins: [Int?], fill: FillValue
  ) -> Value {
    let number = DoubleDouble(fill.number)
    func windows<T>(_ x: DenseArray<T>, _ fill: T) -> DenseArray<T> {
      var out = [T](repeating: fill, count: shape.reduce(1, *))
      for (b, origin) in origins.enumerated() {
        guard let origin else { continue }
        for (step, offset) in Swift.zip(layout.steps, layout.offsets) {
          out[layout.starts[b] + step] = x.scalars[origin + offset]
        }
      }
      return DenseArray(shape: shape, scalars: out)
    }
    switch x {
    case .inexact(let x): return .inexact(windows(x, S(number)))
    case .i32(let x): return .i32(windows(x, Int32(saturating: fill.number)))
    case .u32(let x): return .u32(windows(x, UInt32(saturating: fill.number)))
    case .bool(let x): return .bool(windows(x, fill.number != 0))
    }
  }

  private static func scattered(
    _ op: ScatterCombination, _ x: Value, _ updates: Value, _ layout: WindowLayout,
    _ origins: [Int?]
  ) throws -> Value {
    func windows<T>(
      _ x: DenseArray<T>, _ updates: DenseArray<T>, _ combine: (T, T) -> T
    ) -> DenseArray<T> {
      var out = x.scalars
      for (b, origin) in origins.enumerated() {
        guard let origin else { continue }
        for (step, offset) in Swift.zip(layout.steps, layout.offsets) {
          out[origin + offset] = combine(
            out[origin + offset], updates.scalars[layout.starts[b] + step])
        }
      }
      return DenseArray(shape: x.shape, scalars: out)
    }
    switch (x, updates) {
    case (.inexact(let x), .inexact(let u)): return .inexact(windows(x, u, combination(op)))
    case (.i32(let x), .i32(let u)): return .i32(windows(x, u, wholeCombination(op)))
    case (.u32(let x), .u32(let u)): return .u32(windows(x, u, wholeCombination(op)))
    case (.bool(let x), .bool(let u)): return .bool(windows(x, u, try truthCombination(op)))
    case (.inexact, _), (.i32, _), (.u32, _), (.bool, _):
      preconditionFailure("scatter of mixed dtypes passed the typing rule")
    }
  }

  private static func combination(_ op: ScatterCombination) -> (S, S) -> S {
    switch op {
    case .set: { $1 }
    case .add: { $0 + $1 }
    case .mul: { $0 * $1 }
    case .min: { S.minimum($0, $1) }
    case .max: { S.maximum($0, $1) }
    }
  }
}

private func wholeCombination<T: FixedWidthInteger>(_ op: ScatterCombination) -> (T, T) -> T {
  switch op {
  case .set: { $1 }
  case .add: { $0 &+ $1 }
  case .mul: { $0 &* $1 }
  case .min: { min($0, $1) }
  case .max: { max($0, $1) }
  }
}

private func truthCombination(_ op: ScatterCombination) throws -> (Bool, Bool) -> Bool {
  switch op {
  case .set: { $1 }
  case .min: { $0 && $1 }
  case .max: { $0 || $1 }
  case .add, .mul: throw TraceError.illTyped("scatter-\(op.rawValue) does not accept bool.")
  }
}

extension ReferenceValue {
  /// The elements of a whole-number value.
  var wholeNumbers: [Int] {
    switch self {
    case .i32(let x): x.scalars.map { Int($0) }
    case .u32(let x): x.scalars.map { Int($0) }
    case .inexact, .bool: preconditionFailure("indices of this dtype passed the typing rule")
    }
  }
}
