// Comparing, choosing and converting elements, bit for bit as the reference does.

internal import CKernels
internal import Core

/// x op y as booleans; with NaN only `ne` holds.
func compared(_ op: Comparison, _ dtype: DType, _ m: LoopMemory) {
  switch dtype {
  case .f32: compared(op, Float.self, m)
  case .f64: compared(op, Double.self, m)
  case .i32: compared(op, Int32.self, m)
  case .u32: compared(op, UInt32.self, m)
  case .bool: truthCompared(op, m)
  }
}

/// false < true.
private func truthCompared(_ op: Comparison, _ m: LoopMemory) {
  switch op {
  case .eq: m.zip { (x: Bool, y: Bool) in x == y }
  case .ne: m.zip { (x: Bool, y: Bool) in x != y }
  case .lt: m.zip { (x: Bool, y: Bool) in !x && y }
  case .le: m.zip { (x: Bool, y: Bool) in !x || y }
  case .gt: m.zip { (x: Bool, y: Bool) in x && !y }
  case .ge: m.zip { (x: Bool, y: Bool) in x || !y }
  }
}

private func compared<T: Comparable>(_ op: Comparison, _: T.Type, _ m: LoopMemory) {
  switch op {
  case .eq: m.zip { (x: T, y: T) in x == y }
  case .ne: m.zip { (x: T, y: T) in x != y }
  case .lt: m.zip { (x: T, y: T) in x < y }
  case .le: m.zip { (x: T, y: T) in x <= y }
  case .gt: m.zip { (x: T, y: T) in x > y }
  case .ge: m.zip { (x: T, y: T) in x >= y }
  }
}

/// out[i] = cases[which[i]][i]; an index out of range takes the nearest case.
func selected(by which: DType, _ out: DType, _ m: LoopMemory) {
  switch out {
  case .f32 where which == .bool && m.operands.count == 3:
    assay_select_f32(m.x(UInt8.self), m.operand(1), m.operand(2), m.result(Float.self), m.count)
  case .f64 where which == .bool && m.operands.count == 3:
    assay_select_f64(m.x(UInt8.self), m.operand(1), m.operand(2), m.result(Double.self), m.count)
  case .f32: selected(by: which, Float.self, m)
  case .f64: selected(by: which, Double.self, m)
  case .i32: selected(by: which, Int32.self, m)
  case .u32: selected(by: which, UInt32.self, m)
  case .bool: selected(by: which, Bool.self, m)
  }
}

private func selected<T>(by which: DType, _: T.Type, _ m: LoopMemory) {
  let last = m.operands.count - 2
  switch which {
  case .bool where last == 1: chooseOfTwo(T.self, m)
  case .bool: choose(T.self, m) { (which: Bool) in min(which ? 1 : 0, last) }
  case .i32: choose(T.self, m) { (which: Int32) in min(max(Int(which), 0), last) }
  case .u32: choose(T.self, m) { (which: UInt32) in min(Int(which), last) }
  case .f32, .f64: preconditionFailure("select by a float passed the typing rule")
  }
}

private func chooseOfTwo<T>(_: T.Type, _ m: LoopMemory) {
  let (which, out) = (m.x(Bool.self), m.result(T.self))
  let (first, second): (UnsafePointer<T>, UnsafePointer<T>) = (m.operand(1), m.operand(2))
  for i in 0..<m.count {
    // Both are read, so that the loop has no branch.
    let (a, b) = (first[i], second[i])
    out[i] = which[i] ? b : a
  }
}

@inline(__always)
private func choose<W, T>(_: T.Type, _ m: LoopMemory, _ index: (W) -> Int) {
  let (which, out) = (m.x(W.self), m.result(T.self))
  for i in 0..<m.count {
    out[i] = m.operands[1 + index(which[i])].assumingMemoryBound(to: T.self)[i]
  }
}

/// The same bits as `target`, of equal width.
func recast(_ dtype: DType, to target: DType, _ m: LoopMemory) {
  precondition(dtype.width == target.width, "bits of \(dtype) as \(target)")
  m.out.copyMemory(from: m.operands[0], byteCount: m.count * dtype.width)
}

/// Each element as `target`: rounded once, towards zero and saturating from float to whole number,
/// wrapping between whole numbers.
func converted(_ dtype: DType, to target: DType, _ m: LoopMemory) {
  switch dtype {
  case _ where dtype == target: recast(dtype, to: target, m)
  case .f32: converted(to: target, m) { (x: Float) in Double(x) }
  case .f64: converted(to: target, m) { (x: Double) in x }
  case .i32: converted(to: target, m, Int32.self)
  case .u32: converted(to: target, m, UInt32.self)
  case .bool: converted(to: target, m) { (x: Bool) in x ? 1 : 0 }
  }
}

@inline(__always)
private func converted<S>(to target: DType, _ m: LoopMemory, _ real: (S) -> Double) {
  switch target {
  case .f32: m.map { (x: S) in Float(real(x)) }
  case .f64: m.map { (x: S) in real(x) }
  case .i32: m.map { (x: S) in Int32(saturating: real(x)) }
  case .u32: m.map { (x: S) in UInt32(saturating: real(x)) }
  case .bool: m.map { (x: S) in real(x) != 0 }
  }
}

private func converted<T: FixedWidthInteger>(to target: DType, _ m: LoopMemory, _: T.Type) {
  switch target {
  case .f32: m.map { (x: T) in Float(x) }
  case .f64: m.map { (x: T) in Double(x) }
  case .i32: m.map { (x: T) in Int32(truncatingIfNeeded: x) }
  case .u32: m.map { (x: T) in UInt32(truncatingIfNeeded: x) }
  case .bool: m.map { (x: T) in x != 0 }
  }
}

/// Each element as `target`.
func converted(_ x: Storage, to target: DType) -> Storage {
  if x.dtype == target { return x }
  let (storage, address) = Storage.unwritten(target, x.count)
  withExtendedLifetime(x) {
    withUnsafePointer(to: x.address) { operand in
      converted(
        x.dtype, to: target,
        LoopMemory(address, UnsafeBufferPointer(start: operand, count: 1), x.count))
    }
  }
  return storage
}

/// f(x[i]).
@inline(__always)
func mapped<A, B>(_ x: [A], _ f: (A) -> B) -> [B] {
  x.withUnsafeBufferPointer { x in
    filledArray(x.count) { target in for i in x.indices { target[i] = f(x[i]) } }
  }
}
