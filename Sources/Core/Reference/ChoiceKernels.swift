// Choosing and converting elements.

extension ReferenceInterpreter {
  /// out[i] = cases[which[i]][i]; an index out of range takes the nearest case.
  static func selectKernel(_ which: Value, _ cases: [Value]) -> Value {
    let chosen: [Int] =
      switch which {
      case .bool(let w): w.scalars.map { $0 ? 1 : 0 }
      case .i32(let w): w.scalars.map { min(max(Int($0), 0), cases.count - 1) }
      case .u32(let w): w.scalars.map { min(Int($0), cases.count - 1) }
      case .inexact: preconditionFailure("select by a float passed the typing rule")
      }
    switch cases[0] {
    case .inexact: return .inexact(select(chosen, cases.compactMap(\.inexactArray)))
    case .i32: return .i32(select(chosen, cases.compactMap(\.i32Array)))
    case .u32: return .u32(select(chosen, cases.compactMap(\.u32Array)))
    case .bool: return .bool(select(chosen, cases.compactMap(\.boolArray)))
    }
  }

  private static func select<T>(_ which: [Int], _ cases: [DenseArray<T>]) -> DenseArray<T> {
    let isScalar = which.count == 1
    let scalars = cases[0].scalars.indices.map { i in
      cases[which[isScalar ? 0 : i]].scalars[i]
    }
    return DenseArray(shape: cases[0].shape, scalars: scalars)
  }

  /// Between floating dtypes the number stays: rounding is the business of whoever stores it.
  /// Float to whole number: towards zero, saturating, NaN to 0; between whole numbers: wrapping.
  static func convertKernel(_ x: Value, to dtype: DType) -> Value {
    switch dtype {
    case .f32, .f64: toInexact(x)
    case .i32: .i32(toInteger(x))
    case .u32: .u32(toInteger(x))
    case .bool: toBool(x)
    }
  }

  private static func toInexact(_ x: Value) -> Value {
    func real(_ x: Double) -> S { S(DoubleDouble(x)) }
    switch x {
    case .inexact: return x
    case .i32(let x): return .inexact(x.map { real(Double($0)) })
    case .u32(let x): return .inexact(x.map { real(Double($0)) })
    case .bool(let x): return .inexact(x.map { real($0 ? 1 : 0) })
    }
  }

  private static func toInteger<T: FixedWidthInteger & Sendable>(_ x: Value) -> DenseArray<T> {
    switch x {
    case .inexact(let x): x.map { T(saturating: Double($0.doubleDouble)) }
    case .i32(let x): x.map { T(truncatingIfNeeded: $0) }
    case .u32(let x): x.map { T(truncatingIfNeeded: $0) }
    case .bool(let x): x.map { $0 ? 1 : 0 }
    }
  }

  private static func toBool(_ x: Value) -> Value {
    switch x {
    case .inexact(let x): .bool(x.map { $0 != 0 })
    case .i32(let x): .bool(x.map { $0 != 0 })
    case .u32(let x): .bool(x.map { $0 != 0 })
    case .bool: x
    }
  }
}

extension ReferenceValue {
  var inexactArray: DenseArray<S>? { if case .inexact(let x) = self { x } else { nil } }
  var i32Array: DenseArray<Int32>? { if case .i32(let x) = self { x } else { nil } }
  var u32Array: DenseArray<UInt32>? { if case .u32(let x) = self { x } else { nil } }
  var boolArray: DenseArray<Bool>? { if case .bool(let x) = self { x } else { nil } }
}
