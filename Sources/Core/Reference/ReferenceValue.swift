// The values of the reference interpreter: floating point as `S`, whatever the program's dtype.

/// A value while the reference interpreter runs on the numbers `S`.
public enum ReferenceValue<S: Scalar>: Sendable {
  /// f32 and f64 of the program, as `S`.
  case inexact(DenseArray<S>)
  case i32(DenseArray<Int32>)
  case u32(DenseArray<UInt32>)
  case bool(DenseArray<Bool>)

  /// The extent of each axis.
  public var shape: [Int] {
    switch self {
    case .inexact(let x): x.shape
    case .i32(let x): x.shape
    case .u32(let x): x.shape
    case .bool(let x): x.shape
    }
  }

  /// A known value; exact when `S` holds the dtype of `buffer`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  @_specialize(where S == DoubleDouble)
  @_specialize(where S == Dual<DoubleDouble>)
  @_specialize(where S == Bounded)
  @_specialize(where S == Dual<Bounded>)
  public init(_ buffer: Buffer) {
    switch buffer.storage {
    case .f32(let x): self = .inexact(DenseArray(shape: buffer.shape, scalars: convert(x)))
    case .f64(let x): self = .inexact(DenseArray(shape: buffer.shape, scalars: convert(x)))
    case .i32(let x): self = .i32(DenseArray(shape: buffer.shape, scalars: x))
    case .u32(let x): self = .u32(DenseArray(shape: buffer.shape, scalars: x))
    case .bool(let x): self = .bool(DenseArray(shape: buffer.shape, scalars: x))
    }
  }

  /// A literal: the real number itself where `S` can hold it.
  public init(_ literal: Literal) {
    switch literal.dtype {
    case .f32, .f64: self = .inexact(DenseArray(S(literal.value)))
    case .i32, .u32, .bool: self.init(Buffer(shape: [], literal.rounded))
    }
  }

  /// The value rounded to `dtype`, which is the program's type of it.
  public func buffer(_ dtype: DType) -> Buffer {
    switch self {
    case .inexact(let x):
      Buffer(shape: x.shape, dtype == .f32 ? .f32(convert(x.scalars)) : .f64(convert(x.scalars)))
    case .i32(let x): Buffer(shape: x.shape, .i32(x.scalars))
    case .u32(let x): Buffer(shape: x.shape, .u32(x.scalars))
    case .bool(let x): Buffer(shape: x.shape, .bool(x.scalars))
    }
  }

  /// Each element exactly (the primal, for dual numbers).
  public var exact: [DoubleDouble] {
    switch self {
    case .inexact(let x): x.scalars.map(\.doubleDouble)
    case .i32(let x): Storage.i32(x.scalars).exact
    case .u32(let x): Storage.u32(x.scalars).exact
    case .bool(let x): Storage.bool(x.scalars).exact
    }
  }
}

/// `xs` as `T`; the array itself when it already is.
private func convert<A: Scalar, T: Scalar>(_ xs: [A]) -> [T] {
  if let same = xs as? [T] { return same }
  return xs.map { T($0.doubleDouble) }
}
