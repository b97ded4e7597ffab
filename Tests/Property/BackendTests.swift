// Law: OpenBLASBackend equals the reference, bit for bit where no sum is reordered.
//
// Movement, comparison, choice and reductions by max and min keep every bit; elementwise arithmetic
// does too, except that a NaN is any NaN (its sign and payload are not defined by IEEE 754). Elementary
// functions that the backend vectorises have laws of their own: VectorKernelTests.

import Catalogue
import Core
import OpenBLASBackend
import Testing

private let backend = OpenBLASBackend()
private let reference = ReferenceBackend()

/// Whether both hold the same bits, a NaN being equal to any NaN.
func sameNumbers(_ x: Storage, _ y: Storage) -> Bool {
  switch (x, y) {
  case (.f32(let x), .f32(let y)):
    x.elementsEqual(y) { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
  case (.f64(let x), .f64(let y)):
    x.elementsEqual(y) { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
  case (.f32, _), (.f64, _), (.i32, _), (.u32, _), (.bool, _): x.isBitwiseEqual(to: y)
  }
}

private func expectEqual(
  _ sample: BackendSample, seed: UInt64, by isEqual: (Storage, Storage) -> Bool
) throws {
  var random = SeededGenerator(seed: seed)
  let inputs = sample.ins.map { specialBuffer($0, &random) }
  let ours = try backend.evaluate(sample.primitive, inputs)
  let expected = try reference.evaluate(sample.primitive, inputs)
  #expect(ours.map(\.aval) == expected.map(\.aval), "\(sample), seed \(seed)")
  for (ours, expected) in zip(ours, expected) {
    #expect(
      isEqual(ours.storage, expected.storage),
      "\(sample), seed \(seed): \(inputs) gives \(ours.storage), not \(expected.storage)")
  }
}

@Suite struct BackendTests {
  @Test(arguments: sampleShapes, DType.allCases)
  func `elementwise operations equal the reference bit for bit`(
    shape: [Int], dtype: DType
  ) throws {
    for sample in elementwiseSamples(shape, dtype) where !sample.hasOwnRounding {
      for seed in 1...3 as ClosedRange<UInt64> {
        try expectEqual(sample, seed: seed, by: sameNumbers)
      }
    }
  }

  @Test(arguments: sampleShapes, DType.allCases)
  func `movements keep every bit`(shape: [Int], dtype: DType) throws {
    for sample in movementSamples(shape, dtype) {
      try expectEqual(sample, seed: 4) { $0.isBitwiseEqual(to: $1) }
    }
  }

  @Test(arguments: sampleShapes, DType.allCases)
  func `max and min do not depend on the order and equal the reference bit for bit`(
    shape: [Int], dtype: DType
  ) throws {
    for op in [Reduction.max, .min] {
      for sample in reductionSamples(op, shape, dtype) {
        try expectEqual(sample, seed: 5, by: sameNumbers)
      }
    }
  }

  @Test(arguments: sampleShapes, DType.allCases)
  func `cumulative reductions, sorts, sections and bits equal the reference bit for bit`(
    shape: [Int], dtype: DType
  ) throws {
    for sample in orderSamples(shape, dtype) {
      for seed in 10...12 as ClosedRange<UInt64> {
        try expectEqual(sample, seed: seed, by: sameNumbers)
      }
    }
  }

  @Test(arguments: sampleShapes, [DType.i32, .u32])
  func `sums and products of whole numbers wrap as the reference's`(
    shape: [Int], dtype: DType
  ) throws {
    for op in [Reduction.sum, .prod] {
      for sample in reductionSamples(op, shape, dtype) {
        try expectEqual(sample, seed: 6, by: sameNumbers)
      }
    }
  }

  @Test(arguments: sampleShapes, DType.allCases)
  func `argmax and argmin name the reference's index`(shape: [Int], dtype: DType) throws {
    for op in ArgReduction.allCases {
      for axis in shape.indices where shape[axis] > 0 {
        let primitive = Primitive.argReduce(op, axis: axis, indexDType: .u32)
        let sample = BackendSample(primitive, [ShapedArray(dtype, shape)])
        for seed in 7...9 as ClosedRange<UInt64> {
          try expectEqual(sample, seed: seed, by: sameNumbers)
        }
      }
    }
  }

  @Test func `operands of other types than the program's are refused`() throws {
    let program = try backend.plan(makeJaxpr { (x: Tensor) in try sin(x) }(Tensor([1, 2, 3])))
    #expect(throws: TraceError.self) { try program.run([Buffer(shape: [2], .f32([1, 2]))]) }
    #expect(throws: TraceError.self) { try program.run([Buffer(shape: [3], .f64([1, 2, 3]))]) }
  }
}
