// How operations that run programs run, on any kind of value: a backend's buffers, the reference
// interpreter's arrays, the intervals of an error analysis.

/// A value that loops can take apart and put together.
public protocol ProgramValue {
  /// Element `index` along axis 0.
  func element(_ index: Int) -> Self
  /// `all` along a new axis 0; `item` is the type of one, for when there is none.
  static func stacked(_ all: [Self], of item: ShapedArray) -> Self
  /// The only element of a whole number or a boolean.
  /// - Throws: when the value does not decide it.
  var decided: Int { get throws }
}

extension HigherOrder {
  /// The results on `x`; `run` runs a program on values.
  /// - Throws: what `run` throws; `TraceError.unsupported` for a derivative known only backwards.
  package func execute<V: ProgramValue>(
    _ x: [V], run: (Subprogram, [V]) throws -> [V]
  ) throws -> [V] {
    switch self {
    case .call(let call): return try run(call.program, x)
    case .cond(let branches):
      let index = min(max(try x[0].decided, 0), branches.count - 1)
      return try run(branches[index], Array(x.dropFirst()))
    case .scan(let scan): return try scan.execute(x, run: run)
    case .whileLoop(let loop): return try loop.execute(x, run: run)
    case .customLinear(let linear): throw linear.forwardModeError
    }
  }
}

extension Scan {
  fileprivate func execute<V: ProgramValue>(
    _ x: [V], run: (Subprogram, [V]) throws -> [V]
  ) throws -> [V] {
    let consts = Array(x.prefix(constCount))
    var carry = Array(x.dropFirst(constCount).prefix(carryCount))
    let items = Array(x.dropFirst(constCount + carryCount))
    var steps: [[V]] = []
    for step in 0..<length {
      let index = reverse ? length - 1 - step : step
      let outs = try run(body, consts + carry + items.map { $0.element(index) })
      carry = Array(outs.prefix(carryCount))
      steps.append(Array(outs.dropFirst(carryCount)))
    }
    if reverse { steps.reverse() }
    let types = body.jaxpr.outAvals.dropFirst(carryCount)
    return carry
      + types.enumerated().map { place, type in V.stacked(steps.map { $0[place] }, of: type) }
  }
}

extension WhileLoop {
  fileprivate func execute<V: ProgramValue>(
    _ x: [V], run: (Subprogram, [V]) throws -> [V]
  ) throws -> [V] {
    let ofCondition = Array(x.prefix(conditionConstCount))
    let ofBody = Array(x.dropFirst(conditionConstCount).prefix(bodyConstCount))
    var carry = Array(x.dropFirst(conditionConstCount + bodyConstCount))
    while try run(condition, ofCondition + carry)[0].decided != 0 {
      carry = try run(body, ofBody + carry)
    }
    return carry
  }
}

extension Backend {
  /// The results of an operation that runs programs, each program compiled once.
  package func execute(_ op: HigherOrder, _ inputs: [Buffer]) throws -> [Buffer] {
    try op.execute(inputs) { program, inputs in try program.executable(on: self).run(inputs) }
  }
}

extension DenseArray {
  /// Element `index` along axis 0.
  func element(_ index: Int) -> DenseArray {
    let item = Array(shape.dropFirst())
    let count = item.reduce(1, *)
    return DenseArray(shape: item, scalars: Array(scalars[(index * count)..<((index + 1) * count)]))
  }

  /// `all` along a new axis 0.
  static func stacked(_ all: [DenseArray], of item: [Int]) -> DenseArray {
    DenseArray(shape: [all.count] + item, scalars: all.flatMap(\.scalars))
  }
}

extension ReferenceValue: ProgramValue {
  /// Element `index` along axis 0.
  public func element(_ index: Int) -> ReferenceValue {
    switch self {
    case .inexact(let x): .inexact(x.element(index))
    case .i32(let x): .i32(x.element(index))
    case .u32(let x): .u32(x.element(index))
    case .bool(let x): .bool(x.element(index))
    }
  }

  /// `all` along a new axis 0.
  public static func stacked(_ all: [ReferenceValue], of item: ShapedArray) -> ReferenceValue {
    switch item.dtype {
    case .f32, .f64: .inexact(.stacked(all.compactMap(\.inexactArray), of: item.shape))
    case .i32: .i32(.stacked(all.compactMap(\.i32Array), of: item.shape))
    case .u32: .u32(.stacked(all.compactMap(\.u32Array), of: item.shape))
    case .bool: .bool(.stacked(all.compactMap(\.boolArray), of: item.shape))
    }
  }

  /// The only element of a whole number or a boolean.
  public var decided: Int { Int(Double(exact[0])) }
}

extension Buffer: ProgramValue {
  /// Element `index` along axis 0.
  public func element(_ index: Int) -> Buffer {
    let item = Array(shape.dropFirst())
    let count = item.reduce(1, *)
    return Buffer(shape: item, storage.slice((index * count)..<((index + 1) * count)))
  }

  /// `all` along a new axis 0.
  public static func stacked(_ all: [Buffer], of item: ShapedArray) -> Buffer {
    Buffer(shape: [all.count] + item.shape, Storage(joining: all.map(\.storage), item.dtype))
  }

  /// The only element of a whole number or a boolean.
  public var decided: Int { Int(Double(storage.exact[0])) }
}
