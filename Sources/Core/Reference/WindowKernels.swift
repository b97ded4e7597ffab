// Reductions over windows, and the two operations that select one element of each window.

extension ReferenceInterpreter {
  /// out[p] = op over the elements of x in the window at p; padding and holes are neutral.
  static func reduceWindowKernel(_ op: WindowReduction, _ x: Value, _ window: Window) -> Value {
    switch x {
    case .inexact(let x):
      switch op {
      case .sum: .inexact(folded(x, window, S.zero) { $0 + $1 })
      case .max: .inexact(folded(x, window, -S.infinity) { S.maximum($0, $1) })
      case .min: .inexact(folded(x, window, S.infinity) { S.minimum($0, $1) })
      }
    case .i32(let x): .i32(foldedInteger(op, x, window))
    case .u32(let x): .u32(foldedInteger(op, x, window))
    case .bool(let x):
      .bool(
        op == .min
          ? folded(x, window, true) { $0 && $1 } : folded(x, window, false) { $0 || $1 })
    }
  }

  private static func foldedInteger<T: FixedWidthInteger & Sendable>(
    _ op: WindowReduction, _ x: DenseArray<T>, _ window: Window
  ) -> DenseArray<T> {
    switch op {
    case .sum: folded(x, window, 0) { $0 &+ $1 }
    case .max: folded(x, window, T.min) { max($0, $1) }
    case .min: folded(x, window, T.max) { min($0, $1) }
    }
  }

  private static func folded<T>(
    _ x: DenseArray<T>, _ window: Window, _ neutral: T, _ combine: (T, T) -> T
  ) -> DenseArray<T> {
    let scalars = window.positions(over: x.shape).map { sources in
      var total = neutral
      for case .some(let source) in sources { total = combine(total, x.scalars[source]) }
      return total
    }
    return DenseArray(shape: window.places(over: x.shape), scalars: scalars)
  }

  /// out[p] = tangents at the element that the window at p selects in x; 0 where nothing beats ∓∞.
  static func gatherSelectedKernel(
    _ tangents: Value, _ x: Value, _ selection: Selection, _ window: Window
  ) -> Value {
    guard case .inexact(let tangents) = tangents, case .inexact(let x) = x else {
      preconditionFailure("select_and_gather_add of whole numbers passed the typing rule")
    }
    let scalars = window.positions(over: x.shape).map { sources in
      selection.gathered(sources, worst: worst(selection)) { x.scalars[$0] }
        .map { tangents.scalars[$0] } ?? S.zero
    }
    return .inexact(
      DenseArray(shape: window.places(over: x.shape), scalars: scalars))
  }

  /// out[j] = Σ source[p] over the windows p that select element j of x, in the order of the windows.
  static func scatterSelectedKernel(
    _ source: Value, _ x: Value, _ selection: Selection, _ window: Window
  ) -> Value {
    guard case .inexact(let source) = source, case .inexact(let x) = x else {
      preconditionFailure("select_and_scatter_add of whole numbers passed the typing rule")
    }
    var scalars = [S](repeating: S.zero, count: x.scalars.count)
    for (place, sources) in window.positions(over: x.shape).enumerated() {
      let chosen = selection.scattered(sources, worst: worst(selection)) { x.scalars[$0] }
      if let chosen { scalars[chosen] = scalars[chosen] + source.scalars[place] }
    }
    return .inexact(DenseArray(shape: x.shape, scalars: scalars))
  }

  private static func worst(_ selection: Selection) -> S {
    selection == .ge ? -S.infinity : S.infinity
  }
}

extension Selection {
  /// Whether the element chosen so far stays when it meets the next one: ties stay, a NaN on either
  /// side goes on.
  @inline(__always)
  package func keeps<T: Comparable>(_ chosen: T, _ next: T) -> Bool {
    switch self {
    case .ge: chosen >= next
    case .le: chosen <= next
    }
  }

  /// Which of the positions `sources` a gathering window selects: it starts from `worst`, which is
  /// nobody's, so that elements equal to it are not selected (as XLA's reduction from −∞).
  @inline(__always)
  package func gathered<T: Comparable>(
    _ sources: [Int?], worst: T, _ element: (Int) -> T
  ) -> Int? {
    var (chosen, best): (Int?, T) = (nil, worst)
    for case .some(let source) in sources {
      let next = element(source)
      if !keeps(best, next) { (chosen, best) = (source, next) }
    }
    return chosen
  }

  /// Which of the positions a scattering window selects: it starts from its first element, padding
  /// counting as `worst`; nil when padding is selected (as XLA's select-and-scatter).
  @inline(__always)
  package func scattered<T: Comparable>(
    _ sources: [Int?], worst: T, _ element: (Int) -> T
  ) -> Int? {
    guard let first = sources.first else { return nil }
    var (chosen, best) = (first, first.map(element) ?? worst)
    for source in sources.dropFirst() {
      let next = source.map(element) ?? worst
      if !keeps(best, next) { (chosen, best) = (source, next) }
    }
    return chosen
  }
}
