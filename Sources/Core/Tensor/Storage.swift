// Known values: one dense array per dtype.
//
// `Storage` is what backends exchange with tensors. Every element has an exact passage to
// `DoubleDouble`, which is how the truth reads any backend's numbers.

/// The elements of a known tensor, in row-major order, in its own dtype.
public enum Storage: Sendable {
  case f32([Float])
  case f64([Double])
  case i32([Int32])
  case u32([UInt32])
  case bool([Bool])

  /// The type of the elements.
  public var dtype: DType {
    switch self {
    case .f32: .f32
    case .f64: .f64
    case .i32: .i32
    case .u32: .u32
    case .bool: .bool
    }
  }

  /// The number of elements.
  public var count: Int {
    switch self {
    case .f32(let x): x.count
    case .f64(let x): x.count
    case .i32(let x): x.count
    case .u32(let x): x.count
    case .bool(let x): x.count
    }
  }

  /// Each element exactly, `true` as 1.
  public var exact: [DoubleDouble] {
    switch self {
    case .f32(let x): x.map { DoubleDouble(Double($0)) }
    case .f64(let x): x.map { DoubleDouble($0) }
    case .i32(let x): x.map { DoubleDouble(Double($0)) }
    case .u32(let x): x.map { DoubleDouble(Double($0)) }
    case .bool(let x): x.map { DoubleDouble($0 ? 1 : 0) }
    }
  }

  /// `values` rounded to the nearest element of `dtype`; whole numbers saturate, as in XLA.
  public init(rounding values: [DoubleDouble], to dtype: DType) {
    switch dtype {
    case .f32: self = .f32(values.map { Float($0) })
    case .f64: self = .f64(values.map { Double($0) })
    case .i32: self = .i32(values.map { Int32(saturating: Double($0)) })
    case .u32: self = .u32(values.map { UInt32(saturating: Double($0)) })
    case .bool: self = .bool(values.map { $0 != 0 })
    }
  }

  /// The elements at positions `range`.
  func slice(_ range: Range<Int>) -> Storage {
    switch self {
    case .f32(let x): .f32(Array(x[range]))
    case .f64(let x): .f64(Array(x[range]))
    case .i32(let x): .i32(Array(x[range]))
    case .u32(let x): .u32(Array(x[range]))
    case .bool(let x): .bool(Array(x[range]))
    }
  }

  /// All elements of `parts`, which are of `dtype`, one after another.
  init(joining parts: [Storage], _ dtype: DType) {
    switch dtype {
    case .f32:
      self = .f32(parts.flatMap { part -> [Float] in if case .f32(let x) = part { x } else { [] } })
    case .f64:
      self = .f64(
        parts.flatMap { part -> [Double] in if case .f64(let x) = part { x } else { [] } })
    case .i32:
      self = .i32(parts.flatMap { part -> [Int32] in if case .i32(let x) = part { x } else { [] } })
    case .u32:
      self = .u32(
        parts.flatMap { part -> [UInt32] in if case .u32(let x) = part { x } else { [] } })
    case .bool:
      self = .bool(
        parts.flatMap { part -> [Bool] in if case .bool(let x) = part { x } else { [] } })
    }
  }

  /// Whether both hold the same dtype and the same bits (NaN equals itself, +0 differs from −0).
  public func isBitwiseEqual(to other: Storage) -> Bool {
    switch (self, other) {
    case (.f32(let x), .f32(let y)): x.elementsEqual(y) { $0.bitPattern == $1.bitPattern }
    case (.f64(let x), .f64(let y)): x.elementsEqual(y) { $0.bitPattern == $1.bitPattern }
    case (.i32(let x), .i32(let y)): x == y
    case (.u32(let x), .u32(let y)): x == y
    case (.bool(let x), .bool(let y)): x == y
    case (.f32, _), (.f64, _), (.i32, _), (.u32, _), (.bool, _): false
    }
  }
}

extension FixedWidthInteger {
  /// The whole part of `value`: NaN becomes 0, values out of range the nearest bound (as XLA-CPU).
  public init(saturating value: Double) {
    if value.isNaN {
      self = 0
    } else if value >= Double(Self.max) {
      self = .max
    } else if value <= Double(Self.min) {
      self = .min
    } else {
      self = Self(value)
    }
  }
}
