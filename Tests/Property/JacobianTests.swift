// Whole derivatives against derivatives known exactly, and against each other.

import Core
import Testing

@Suite struct JacobianTests {
  private let a = Tensor([[1, -2, 3], [0.5, 4, -1]], .f64)

  @Test func theJacobianOfALinearMapIsItsMatrix() throws {
    let x = Tensor([0.25, -1.5, 2], .f64)
    for jacobian in [jacfwd { try matmul(a, $0) }, jacrev { try matmul(a, $0) }] {
      let j = try jacobian(x)
      #expect(j.shape == [2, 3])
      #expect(try j.scalars == a.scalars)
    }
  }

  @Test func forwardAndReverseHaveTheAxesOfResultThenOperand() throws {
    let x = Tensor([[1, 2], [3, 4], [5, 6]], .f64)
    let f: (Tensor) throws -> Tensor = { try sum(square($0), axes: [0]) }
    let (forward, reverse) = try (jacfwd(f)(x), jacrev(f)(x))
    #expect(forward.shape == [2, 3, 2])
    // ∂yᵢ/∂x_kl = 2 x_kl where l = i, else 0: products and sums of small whole numbers are exact.
    let expected: [Double] = [2, 0, 6, 0, 10, 0, 0, 4, 0, 8, 0, 12]
    #expect(try forward.scalars == expected)
    #expect(try reverse.scalars == expected)
  }

  @Test func theHessianOfAQuadraticFormIsTwiceItsSymmetricPart() throws {
    let q = Tensor([[2, 1, 0], [3, -1, 4], [0, 2, 5]], .f64)
    let f: (Tensor) throws -> Tensor = { try matmul($0, matmul(q, $0)) }
    let x = Tensor([1, -2, 3], .f64)
    let h = try hessian(f)(x)
    #expect(try h.scalars == (q + transpose(q)).scalars)
    let v = Tensor([2, 1, -1], .f64)
    #expect(try hvp(f, x, v).scalars == matmul(h, v).scalars)
  }

  @Test func linearTransposeIsTheAdjoint() throws {
    let transpose = try linearTranspose({ [try matmul(a, $0[0])] }, [ShapedArray(.f64, [3])])
    let y = Tensor([2, -4], .f64)
    #expect(try transpose([y])[0].scalars == matmul(y, a).scalars)
  }

  @Test func linearTransposeRefusesWhatIsNotLinear() {
    #expect(throws: TraceError.noRule(transformation: "transpose", primitive: "sin")) {
      let transpose = try linearTranspose({ [try sin($0[0])] }, [ShapedArray(.f64, [3])])
      return try transpose([Tensor([1, 2, 3], .f64)])
    }
  }

  @Test func evalShapeComputesNothing() throws {
    let huge = ShapedArray(.f32, [1 << 20, 1 << 20])
    let types = try evalShape({ try [sum($0[0] * 2, axes: [0]), greater($0[0], $0[0])] }, [huge])
    #expect(types == [ShapedArray(.f32, [1 << 20]), ShapedArray(.bool, [1 << 20, 1 << 20])])
  }
}
