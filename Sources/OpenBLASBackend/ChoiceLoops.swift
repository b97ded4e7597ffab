// Comparing, choosing and converting elements, bit for bit as the reference does.

internal import Core

/// x op y as booleans; with NaN only `ne` holds.
func compared(_ op: Comparison, _ x: Storage, _ y: Storage, _ count: Int) -> [Bool] {
  switch x {
  case .f32(let x): compared(op, x, Float.array(y), count)
  case .f64(let x): compared(op, x, Double.array(y), count)
  case .i32(let x): compared(op, x, Int32.array(y), count)
  case .u32(let x): compared(op, x, UInt32.array(y), count)
  case .bool(let x): compared(op, x, Bool.array(y), count)
  }
}

/// false < true.
private func compared(_ op: Comparison, _ x: [Bool], _ y: [Bool], _ count: Int) -> [Bool] {
  switch op {
  case .eq: zipped(x, y, count) { $0 == $1 }
  case .ne: zipped(x, y, count) { $0 != $1 }
  case .lt: zipped(x, y, count) { !$0 && $1 }
  case .le: zipped(x, y, count) { !$0 || $1 }
  case .gt: zipped(x, y, count) { $0 && !$1 }
  case .ge: zipped(x, y, count) { $0 || !$1 }
  }
}

private func compared<T: Comparable>(
  _ op: Comparison, _ x: [T], _ y: [T], _ count: Int
) -> [Bool] {
  switch op {
  case .eq: zipped(x, y, count) { $0 == $1 }
  case .ne: zipped(x, y, count) { $0 != $1 }
  case .lt: zipped(x, y, count) { $0 < $1 }
  case .le: zipped(x, y, count) { $0 <= $1 }
  case .gt: zipped(x, y, count) { $0 > $1 }
  case .ge: zipped(x, y, count) { $0 >= $1 }
  }
}

/// out[i] = cases[which[i]][i]; an index out of range takes the nearest case.
func selected(_ x: [Buffer], _ out: ShapedArray) -> Storage {
  switch out.dtype {
  case .f32: .f32(selected(x, out.size))
  case .f64: .f64(selected(x, out.size))
  case .i32: .i32(selected(x, out.size))
  case .u32: .u32(selected(x, out.size))
  case .bool: .bool(selected(x, out.size))
  }
}

private func selected<T: StorageElement>(_ x: [Buffer], _ count: Int) -> [T] {
  let cases = x.dropFirst().map { T.array($0.storage) }
  let last = cases.count - 1
  switch x[0].storage {
  case .bool(let which): return chosen(which, cases) { min($0 ? 1 : 0, last) }
  case .i32(let which): return chosen(which, cases) { min(max(Int($0), 0), last) }
  case .u32(let which): return chosen(which, cases) { min(Int($0), last) }
  case .f32, .f64: preconditionFailure("select by a float passed the typing rule")
  }
}

@inline(__always)
private func chosen<W, T>(_ which: [W], _ cases: [[T]], _ index: (W) -> Int) -> [T] {
  if cases[0].count != which.count { return cases[index(which[0])] }
  if cases.count == 2 {
    let (first, second) = (cases[0], cases[1])
    return filledArray(which.count) { target in
      for i in which.indices { target[i] = index(which[i]) == 0 ? first[i] : second[i] }
    }
  }
  return filledArray(which.count) { target in
    for i in which.indices { target[i] = cases[index(which[i])][i] }
  }
}

/// The same bits as `dtype`, of equal width.
func recast(_ x: Storage, to dtype: DType) -> Storage {
  switch (x, dtype) {
  case (.f32(let a), .i32): .i32(mapped(a) { Int32(bitPattern: $0.bitPattern) })
  case (.f32(let a), .u32): .u32(mapped(a) { $0.bitPattern })
  case (.i32(let a), .f32): .f32(mapped(a) { Float(bitPattern: UInt32(bitPattern: $0)) })
  case (.i32(let a), .u32): .u32(mapped(a) { UInt32(bitPattern: $0) })
  case (.u32(let a), .f32): .f32(mapped(a) { Float(bitPattern: $0) })
  case (.u32(let a), .i32): .i32(mapped(a) { Int32(bitPattern: $0) })
  case (.f32, _), (.f64, _), (.i32, _), (.u32, _), (.bool, _): x
  }
}

/// Each element as `dtype`: rounded once, towards zero and saturating from float to whole number,
/// wrapping between whole numbers.
func converted(_ x: Storage, to dtype: DType) -> Storage {
  switch x {
  case .f32(let a): dtype == .f32 ? x : converted(a, to: dtype) { Double($0) }
  case .f64(let a): dtype == .f64 ? x : converted(a, to: dtype) { $0 }
  case .i32(let a): dtype == .i32 ? x : converted(a, to: dtype)
  case .u32(let a): dtype == .u32 ? x : converted(a, to: dtype)
  case .bool(let a): dtype == .bool ? x : converted(mapped(a) { $0 ? Int32(1) : 0 }, to: dtype)
  }
}

@inline(__always)
private func converted<S>(_ x: [S], to dtype: DType, _ real: (S) -> Double) -> Storage {
  switch dtype {
  case .f32: .f32(mapped(x) { Float(real($0)) })
  case .f64: .f64(mapped(x) { real($0) })
  case .i32: .i32(mapped(x) { Int32(saturating: real($0)) })
  case .u32: .u32(mapped(x) { UInt32(saturating: real($0)) })
  case .bool: .bool(mapped(x) { real($0) != 0 })
  }
}

private func converted<T: FixedWidthInteger>(_ x: [T], to dtype: DType) -> Storage {
  switch dtype {
  case .f32: .f32(mapped(x) { Float($0) })
  case .f64: .f64(mapped(x) { Double($0) })
  case .i32: .i32(mapped(x) { Int32(truncatingIfNeeded: $0) })
  case .u32: .u32(mapped(x) { UInt32(truncatingIfNeeded: $0) })
  case .bool: .bool(mapped(x) { $0 != 0 })
  }
}
