// The numbers of SEMANTICS 2.12 as measured under JAX 0.10.2, rules RN-05 … RN-08 and DO-07.

import Core
import Random
import Testing

@Suite struct SamplerTests {
  @Test func `RN-05 uniform of key 0`() throws {
    let u = try Key(0).uniform([4])
    #expect(u.dtype == .f32)
    #expect(
      try u.storage.isBitwiseEqual(to: .f32([0.947667, 0.9785799, 0.33229148, 0.46866846])))
  }

  @Test func `RN-06 normal of key 0`() throws {
    let expected: [Double] = [1.6226422, 2.0252647, -0.43359444, -0.07861735]
    // Printed with eight digits by an implementation that is within 5.5 ulps.
    for (z, e) in try zip(Key(0).normal([4]).scalars, expected) {
      #expect(abs(z - e) <= 6 * Double(Float(e).ulp))
    }
  }

  @Test func `RN-07 permutation of eight`() throws {
    #expect(try Key(0).permutation(8).scalars == [0, 1, 5, 6, 4, 3, 2, 7])
  }

  @Test func `DO-07 the mask depends on the dtype of the uniform numbers`() throws {
    func mask(_ dtype: DType) throws -> [Double] {
      try Key(0).bernoulli(0.5, [8], dtype: dtype).scalars.map { $0 * 2 }
    }
    #expect(try mask(.f32) == [0, 0, 2, 2, 0, 2, 2, 0])
    #expect(try mask(.f64) == [2, 2, 0, 0, 0, 2, 0, 0])
  }
}
