// Bounds on updates: what they keep, what they bound, and the ends of the range (rule OX-06).

import Core
import Optim
import TestSupport
import Testing
import Tree

@Suite struct ClippingTests {
  /// The clipped update of a vector and a scalar.
  private func clipped(
    _ clip: some GradientTransformation, _ xs: [Double], _ dtype: DType = .f32
  ) throws -> [Double] {
    let model = ["a": Tensor(xs, dtype), "b": Tensor(0, dtype)]
    var state = try clip.initialise(model)
    let g = LeafMap<[String: Tensor], Tensor?>(like: model) { $0.tensor }
    return try clip.update(g, &state, model).values.flatMap { try $0?.scalars ?? [] }.dropLast()
  }

  @Test("OX-06 below the bound nothing changes; above it the norm is the bound, exactly in reals")
  func bounds() throws {
    #expect(try clipped(clipByGlobalNorm(5.5), [3, -4]) == [3, -4])
    let norm: ([Tensor]) throws -> [Tensor] = { xs in
      let u = try program(clipByGlobalNorm(0.5))(xs)
      return [try sqrt(sum(square(u[0])) + sum(square(u[1])))]
    }
    try expectSame(norm, { _ in [Tensor(0.5, .f64)] }, at: sampleInputs(1), "norm")
  }

  @Test("OX-06 clipping twice is clipping once, exactly in reals") func idempotent() throws {
    for kind in 0..<3 {
      func once(_ xs: [Tensor], _ times: Int) throws -> [Tensor] {
        switch kind {
        case 0:
          try times == 1
            ? program(clip(0.5))(xs) : program(chain(clip(0.5), clip(0.5)))(xs)
        case 1:
          try times == 1
            ? program(clipByGlobalNorm(0.5))(xs)
            : program(chain(clipByGlobalNorm(0.5), clipByGlobalNorm(0.5)))(xs)
        case _:
          try times == 1
            ? program(clipByBlockRms(0.5))(xs)
            : program(chain(clipByBlockRms(0.5), clipByBlockRms(0.5)))(xs)
        }
      }
      try expectSame(
        { try once($0, 2) }, { try once($0, 1) }, at: sampleInputs(1), "kind \(kind)")
    }
  }

  @Test("OX-06 overflow clips to zeros, infinity to NaN and zeros, one NaN to NaN everywhere")
  func ends() throws {
    let clip = clipByGlobalNorm(1)
    #expect(try clipped(clip, [2e19, 2e19]) == [0, 0])
    let infinite = try clipped(clip, [.infinity, 1])
    #expect(infinite[0].isNaN && infinite[1] == 0)
    #expect(try clipped(clip, [.nan, 1]).allSatisfy(\.isNaN))
    #expect(try clipped(clip, [2e19, 2e19], .f64).allSatisfy { $0 > 0.7 })
  }

  @Test("OX-06 DV-50 zeros clipped to norm 0 stay zeros, in Optax they are NaN") func zero() throws
  {
    #expect(try clipped(clipByGlobalNorm(0), [0, 0]) == [0, 0])
    #expect(try clipped(clipByGlobalNorm(0, atZero: .optax), [0, 0]).allSatisfy(\.isNaN))
    for atZero in ClipAtZero.allCases {
      #expect(try clipped(clipByGlobalNorm(0, atZero: atZero), [3, 4]) == [0, 0])
      #expect(try clipped(clipByGlobalNorm(1, atZero: atZero), [0, 0]) == [0, 0])
    }
  }

  @Test("OX-06 a norm that equals the bound is divided and multiplied, to the same values")
  func onTheBound() throws {
    #expect(try clipped(clipByGlobalNorm(5), [3, 4]).map { Float($0) } == [Float(3) / 5 * 5, 4])
  }

  @Test("adaptive clipping bounds each unit by its parameter, and refuses shapes without units")
  func adaptive() throws {
    let p = Tensor([[3, 0.5], [4, 0]], .f64)
    let g = LeafMap<Tensor, Tensor?>(like: p, repeating: Tensor([[6, 0.01], [8, 0]], .f64))
    let clip = adaptiveGradClip(0.5)
    var state = try clip.initialise(p)
    // Columns are units: ‖(6, 8)‖ = 10 is above 5 / 2, 0.01 below 0.25.
    #expect(try clip.update(g, &state, p).values[0]?.scalars == [1.5, 0.01, 2, 0])
    let six = try ones([2, 2, 2, 2, 2, 2], .f64)
    let gradient = LeafMap<Tensor, Tensor?>(like: six, repeating: six)
    #expect(message { try clip.update(gradient, &state, six) }.contains("pass `axis`"))
  }
}
