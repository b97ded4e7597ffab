// Operations on the bits of 32-bit numbers.

extension ReferenceInterpreter {
  /// The bits of `x` read as `dtype`, of equal width: a float that changes its dtype here is an f32.
  static func bitcastKernel(_ x: Value, to dtype: DType) -> Value {
    switch (x, dtype) {
    case (.inexact(let x), .i32):
      .i32(x.map { Int32(bitPattern: Float($0.doubleDouble).bitPattern) })
    case (.inexact(let x), .u32): .u32(x.map { Float($0.doubleDouble).bitPattern })
    case (.i32(let x), .u32): .u32(x.map { UInt32(bitPattern: $0) })
    case (.u32(let x), .i32): .i32(x.map { Int32(bitPattern: $0) })
    case (.i32(let x), .f32): .inexact(x.map { real(UInt32(bitPattern: $0)) })
    case (.u32(let x), .f32): .inexact(x.map { real($0) })
    case (.inexact, _), (.i32, _), (.u32, _), (.bool, _): x
    }
  }

  private static func real(_ bits: UInt32) -> S { S(DoubleDouble(Float(bitPattern: bits))) }

  /// Threefry-2x32 with 20 rounds (Salmon et al., Parallel random numbers: as easy as 1, 2, 3,
  /// 2011), for each index of the operands (key 0, key 1, counter 0, counter 1).
  static func threefryKernel(_ x: [Value]) -> [Value] {
    let words = x.compactMap(\.u32Array)
    let shape = words.map(\.shape).max { $0.count < $1.count } ?? []
    let blocks = (0..<shape.reduce(1, *)).map { i in
      let w = words.map { $0.scalars[$0.shape.isEmpty ? 0 : i] }
      return threefry(key: (w[0], w[1]), counter: (w[2], w[3]))
    }
    return [blocks.map(\.0), blocks.map(\.1)].map {
      .u32(DenseArray(shape: shape, scalars: $0))
    }
  }
}

/// One block: five groups of four rounds, each followed by an injection of the key.
func threefry(key: (UInt32, UInt32), counter: (UInt32, UInt32)) -> (UInt32, UInt32) {
  let keys = [key.0, key.1, key.0 ^ key.1 ^ 0x1BD1_1BDA]
  let rotations: [[UInt32]] = [[13, 15, 26, 6], [17, 29, 16, 24]]
  var (a, b) = (counter.0 &+ keys[0], counter.1 &+ keys[1])
  for group in 0..<5 {
    for rotation in rotations[group % 2] {
      a = a &+ b
      b = (b << rotation | b >> (32 - rotation)) ^ a
    }
    a = a &+ keys[(group + 1) % 3]
    b = b &+ keys[(group + 2) % 3] &+ UInt32(group + 1)
  }
  return (a, b)
}
