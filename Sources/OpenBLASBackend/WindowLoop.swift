// Reading and writing windows at computed places, bit for bit as the reference does.
//
// The layout is laid out once, when the plan is made; a run finds the origins from the indices and
// copies. Where a window's last axes are contiguous on both sides they are one run.

internal import Core

/// `dynamic_slice`, `dynamic_update_slice`, `gather` or a scatter, ready to run.
struct WindowLoop: Sendable {
  private enum Action: Sendable {
    case read(FillValue)
    case write(ScatterCombination)
  }

  private let name: String
  private let out: ShapedArray
  private let layout: WindowLayout
  private let outside: WindowLayout.Outside
  private let action: Action
  /// Which operands hold the components of the indices.
  private let indexOperands: Range<Int>
  /// Which operand holds the updates.
  private let updatesOperand: Int
  /// How many neighbouring elements of a window are neighbours on both sides.
  private let run: Int

  private init(
    _ name: String, _ out: ShapedArray, _ layout: WindowLayout, _ outside: WindowLayout.Outside,
    _ action: Action, indices: Range<Int>, updates: Int = 0
  ) {
    (self.name, self.out, self.layout) = (name, out, layout)
    (self.outside, self.action) = (outside, action)
    (indexOperands, updatesOperand) = (indices, updates)
    run = commonRun(layout.steps, layout.offsets)
  }

  /// Operands (x, one start per axis).
  static func dynamicSlice(_ ins: [ShapedArray], to out: ShapedArray) -> WindowLoop {
    WindowLoop(
      "dynamic_slice", out, WindowLayout(ins[0].shape, sizes: out.shape), .clipped,
      .read(FillValue(0)), indices: 1..<ins.count)
  }

  /// Operands (x, update, one start per axis).
  static func dynamicUpdateSlice(_ ins: [ShapedArray], to out: ShapedArray) -> WindowLoop {
    WindowLoop(
      "dynamic_update_slice", out, WindowLayout(ins[0].shape, sizes: ins[1].shape), .clipped,
      .write(.set), indices: 2..<ins.count, updates: 1)
  }

  /// Operands (x, indices).
  static func gather(
    _ ins: [ShapedArray], to out: ShapedArray, _ p: GatherParameters
  ) -> WindowLoop {
    let fill: FillValue = if case .fill(let value) = p.mode { value } else { FillValue(0) }
    return WindowLoop(
      "gather", out,
      WindowLayout(ins[0].shape, indices: ins[1].shape, windows: out.shape, p), p.mode.outside,
      .read(fill), indices: 1..<2)
  }

  /// Operands (x, indices, updates), of the primitive called `name`.
  static func scatter(
    _ name: String, _ ins: [ShapedArray], to out: ShapedArray, _ op: ScatterCombination,
    _ p: ScatterParameters
  ) -> WindowLoop {
    WindowLoop(
      name, out,
      WindowLayout(ins[0].shape, indices: ins[1].shape, updates: ins[2].shape, p.numbers),
      p.mode.outside, .write(op), indices: 1..<2, updates: 2)
  }

  func run(_ inputs: [Buffer]) -> Buffer {
    let indices = inputs[indexOperands].flatMap { wholeNumbers($0.storage) }
    let origins = layout.origins(indices, outside)
    let (x, updates) = (inputs[0].storage, inputs[updatesOperand].storage)
    let storage: Storage =
      switch x {
      case .f32(let x): .f32(floating(x, Float.array(updates), origins))
      case .f64(let x): .f64(floating(x, Double.array(updates), origins))
      case .i32(let x): .i32(whole(x, Int32.array(updates), origins))
      case .u32(let x): .u32(whole(x, UInt32.array(updates), origins))
      case .bool(let x): .bool(truth(x, Bool.array(updates), origins))
      }
    return Buffer(shape: out.shape, storage)
  }

  private func floating<S: HardwareScalar>(_ x: [S], _ updates: [S], _ origins: [Int?]) -> [S] {
    switch action {
    case .read(let fill): read(x, origins, S(DoubleDouble(fill.number)))
    case .write(.set): written(x, updates, origins)
    case .write(.add): combined(x, updates, origins) { $0 + $1 }
    case .write(.mul): combined(x, updates, origins) { $0 * $1 }
    case .write(.min): combined(x, updates, origins) { smaller($0, $1) }
    case .write(.max): combined(x, updates, origins) { larger($0, $1) }
    }
  }

  private func whole<T: FixedWidthInteger>(_ x: [T], _ updates: [T], _ origins: [Int?]) -> [T] {
    switch action {
    case .read(let fill): read(x, origins, T(saturating: fill.number))
    case .write(.set): written(x, updates, origins)
    case .write(.add): combined(x, updates, origins) { $0 &+ $1 }
    case .write(.mul): combined(x, updates, origins) { $0 &* $1 }
    case .write(.min): combined(x, updates, origins) { min($0, $1) }
    case .write(.max): combined(x, updates, origins) { max($0, $1) }
    }
  }

  private func truth(_ x: [Bool], _ updates: [Bool], _ origins: [Int?]) -> [Bool] {
    switch action {
    case .read(let fill): read(x, origins, fill.number != 0)
    case .write(.set): written(x, updates, origins)
    case .write(.mul), .write(.min): combined(x, updates, origins) { $0 && $1 }
    case .write(.add), .write(.max): combined(x, updates, origins) { $0 || $1 }
    }
  }

  /// Windows of `x` side by side, `fill` where one leaves it.
  @inline(__always)
  private func read<T>(_ x: [T], _ origins: [Int?], _ fill: T) -> [T] {
    filledArray(out.size) { target in
      target.initialize(repeating: fill, count: out.size)
      x.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        forEachRun(origins) { own, other in
          (target + other).update(from: base + own, count: run)
        }
      }
    }
  }

  /// `x` with windows of `updates` in place, the later over the earlier.
  @inline(__always)
  private func written<T>(_ x: [T], _ updates: [T], _ origins: [Int?]) -> [T] {
    changed(x, updates, origins) { target, source in target.update(from: source, count: run) }
  }

  @inline(__always)
  private func combined<T>(
    _ x: [T], _ updates: [T], _ origins: [Int?], _ combine: (T, T) -> T
  ) -> [T] {
    changed(x, updates, origins) { target, source in
      for i in 0..<run { target[i] = combine(target[i], source[i]) }
    }
  }

  @inline(__always)
  private func changed<T>(
    _ x: [T], _ updates: [T], _ origins: [Int?],
    _ change: (UnsafeMutablePointer<T>, UnsafePointer<T>) -> Void
  ) -> [T] {
    var out = x
    out.withUnsafeMutableBufferPointer { target in
      updates.withUnsafeBufferPointer { source in
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        forEachRun(origins) { own, other in change(target + own, source + other) }
      }
    }
    return out
  }

  /// The place of each run in the operand and in the window array, windows in order.
  @inline(__always)
  private func forEachRun(_ origins: [Int?], _ body: (Int, Int) -> Void) {
    guard run > 0 else { return }
    for (window, origin) in origins.enumerated() {
      guard let origin else { continue }
      for w in stride(from: 0, to: layout.offsets.count, by: run) {
        body(origin + layout.offsets[w], layout.starts[window] + layout.steps[w])
      }
    }
  }
}

/// The longest n such that every n neighbours in order lie one behind the other in both lists; 0 if
/// there is no element.
private func commonRun(_ a: [Int], _ b: [Int]) -> Int {
  let last = a.indices.first { i in
    i + 1 < a.count && (a[i + 1] != a[i] + 1 || b[i + 1] != b[i] + 1)
  }
  // The lists are those of a box: where the first run breaks, all of them do.
  return last.map { $0 + 1 } ?? a.count
}

private func wholeNumbers(_ storage: Storage) -> [Int] {
  switch storage {
  case .i32(let x): x.map { Int($0) }
  case .u32(let x): x.map { Int($0) }
  case .f32, .f64, .bool: preconditionFailure("\(storage.dtype) indices passed the typing rule")
  }
}

extension WindowLoop: CustomStringConvertible {
  var description: String { "\(name) of \(layout.starts.count) windows, runs of \(run)" }
}
