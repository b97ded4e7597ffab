// select_and_gather_add and select_and_scatter_add: one pass over the windows, bit for bit what the
// reference gives (the same element is selected, sums run in the order of the windows).
//
// Leading axes over which the window does not slide are one outer loop; the positions that each
// window reads in the rest are found once, when the plan is made.

internal import Core

/// A selection over windows of floating-point operands, ready to run.
struct SelectionLoop: Sendable {
  private let selection: Selection
  private let window: Window
  private let out: ShapedArray
  private let isScatter: Bool
  private let outer: Int
  /// The size of the operand behind the outer axes.
  private let inner: Int
  private let windows: [[Int?]]

  /// - Parameter x: the operand that selects.
  init(
    _ selection: Selection, _ x: ShapedArray, _ window: Window, _ out: ShapedArray,
    isScatter: Bool
  ) {
    (self.selection, self.window, self.out) = (selection, window, out)
    self.isScatter = isScatter
    let still = x.shape.indices.prefix { window.isStill($0) }.count
    let rest = Array(x.shape[still...])
    outer = x.shape[..<still].reduce(1, *)
    inner = rest.reduce(1, *)
    windows = window.dropping(still).positions(over: rest)
  }

  /// The result for (tangents or source, operand).
  func run(_ values: Buffer, _ x: Buffer) -> Buffer {
    let storage: Storage =
      switch out.dtype {
      case .f32: .f32(selected(Float.array(values.storage), Float.array(x.storage)))
      case .f64: .f64(selected(Double.array(values.storage), Double.array(x.storage)))
      case .i32, .u32, .bool: preconditionFailure("selection of \(out.dtype) has no loop")
      }
    return Buffer(shape: out.shape, storage)
  }

  private func selected<S: HardwareScalar>(_ values: [S], _ x: [S]) -> [S] {
    let worst: S = selection == .ge ? -.infinity : .infinity
    return values.withUnsafeBufferPointer { values in
      x.withUnsafeBufferPointer { x in
        filledArray(out.size) { target in
          target.initialize(repeating: 0, count: out.size)
          for o in 0..<outer {
            let (from, first) = (o * inner, o * windows.count)
            for (place, sources) in windows.enumerated() {
              if isScatter {
                let chosen = selection.scattered(sources, worst: worst) { x[from + $0] }
                if let chosen { target[from + chosen] += values[first + place] }
              } else {
                let chosen = selection.gathered(sources, worst: worst) { x[from + $0] }
                if let chosen { target[first + place] = values[from + chosen] }
              }
            }
          }
        }
      }
    }
  }
}

extension SelectionLoop: CustomStringConvertible {
  /// `windows (1, 2, 2)`.
  var description: String { "windows \(pythonTuple(window.dimensions))" }
}

extension Window {
  /// Whether the window leaves `axis` as it is.
  fileprivate func isStill(_ axis: Int) -> Bool {
    dimensions[axis] == 1 && strides[axis] == 1 && padding[axis] == EdgePadding(0, 0)
      && baseDilation[axis] == 1
  }

  /// The window over all axes but the first `count`.
  fileprivate func dropping(_ count: Int) -> Window {
    Window(
      Array(dimensions.dropFirst(count)), strides: Array(strides.dropFirst(count)),
      padding: Array(padding.dropFirst(count)), baseDilation: Array(baseDilation.dropFirst(count)),
      windowDilation: Array(windowDilation.dropFirst(count)))
  }
}
