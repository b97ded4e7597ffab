// A derivative program in its own dtype, as the linear map that it is; and small buffer algebra.

import Core

/// v ↦ J v (or w ↦ Jᵀ w) at a fixed point, run in the program's dtype by the current backend, the reference
/// unless told otherwise.
struct LinearMap {
  private let jaxpr: Jaxpr
  private let point: [Buffer]
  private let program: any Executable

  /// `jaxpr` takes the point and then the direction.
  init(_ jaxpr: Jaxpr, at point: [Buffer]) throws {
    (self.jaxpr, self.point) = (jaxpr, point)
    program = try Context.backend.compile(jaxpr)
  }

  func callAsFunction(_ direction: [Buffer]) throws -> [Buffer] {
    try program.run(point + direction)
  }

  /// Where the results must lie.
  func enclosures(_ direction: [Buffer]) throws -> [Enclosure] {
    try enclose(jaxpr, point + direction, model: .reference)
  }

  /// Σ |weightsᵢ| · radiusᵢ: how far the dot product of the results with `weights` may err.
  func radius(_ direction: [Buffer], weights: [Buffer]) throws -> Double {
    try zip(enclosures(direction), weights).reduce(0) { total, pair in
      let weights = pair.1.storage.exact
      return weights.indices.reduce(total) {
        $0 + weights[$1].hi.magnitude * pair.0.radius($1)
      }
    }
  }
}

/// Σ xᵢyᵢ and Σ |xᵢyᵢ| over lists of buffers, in double-double.
struct DotProduct {
  private(set) var value: DoubleDouble = 0
  private(set) var size = 0.0

  init(_ x: [Buffer], _ y: [Buffer]) {
    for (x, y) in zip(x, y) {
      for (x, y) in zip(x.storage.exact, y.storage.exact) {
        value += x * y
        size += (x * y).hi.magnitude
      }
    }
  }
}

extension Buffer {
  /// A buffer of type `aval` with elements from `element`.
  init(_ aval: ShapedArray, _ element: () -> Double) {
    let elements = (0..<aval.size).map { _ in DoubleDouble(element()) }
    self.init(shape: aval.shape, Storage(rounding: elements, to: aval.dtype))
  }

  /// Each element x as `transform(x)`, rounded to the same dtype.
  func mapped(_ transform: (DoubleDouble) -> DoubleDouble) -> Buffer {
    Buffer(shape: shape, Storage(rounding: storage.exact.map(transform), to: aval.dtype))
  }

  /// The sum with a buffer of the same type, rounded to the dtype.
  func adding(_ other: Buffer) -> Buffer {
    let sums = zip(storage.exact, other.storage.exact).map { $0 + $1 }
    return Buffer(shape: shape, Storage(rounding: sums, to: aval.dtype))
  }

  /// Whether twice each element and each of its parts is exact: all finite and none so small that
  /// its last bits could be lost.
  var isScalable: Bool {
    guard let precision = Precision(aval.dtype) else { return false }
    return storage.exact.allSatisfy {
      let size = $0.hi.magnitude
      return size == 0 || size.isFinite && size > precision.leastNormal / precision.unitRoundoff
    }
  }
}
