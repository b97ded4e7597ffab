// What brackets mean beyond one gather: masks, new axes, ellipses, updates by a function. The
// numbers of JAX are in surface.h5; here are the laws.

import Catalogue
import Core
import Testing

private let x = Tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]], .f64)
private func whole(_ xs: [Double]) -> Tensor { Tensor(xs, .i32) }

@Suite struct IndexingSurfaceTests {
  @Test func aMaskIsTheListOfPlacesWhereItHolds() throws {
    let rows = Tensor([1, 0, 1], .bool)
    #expect(try x[rows].scalars == x[whole([0, 2])].scalars)
    let large = try greater(x, Tensor(7, .f64))
    #expect(try x[large].scalars == [8, 9, 10, 11, 12])
    #expect(try x[large].shape == [5])
    #expect(
      try x.at[large].set(Tensor(0, .f64)).scalars
        == `where`(large, zeros(like: x), x).scalars)
  }

  @Test func aMaskKnownAtTheTimeOfTracingWorksUnderEveryTransformation() throws {
    let rows = Tensor([1, 0, 1], .bool)
    let f: @Sendable (Tensor) throws -> Tensor = { try sum(square($0[rows])) }
    #expect(try jit(f)(x).item == f(x).item)
    #expect(try grad(f)(x).scalars == [2, 4, 6, 8, 0, 0, 0, 0, 18, 20, 22, 24])
    // A condition on the primal is known under grad, not under jit.
    let kept = try grad { (x: Tensor) in try sum(x[greater(x, Tensor(7, .f64))]) }(x)
    #expect(try kept.scalars == [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
  }

  @Test func newAxesAndEllipsesOnlyMoveAxes() throws {
    #expect(try x[ellipsis].aval == x.aval)
    #expect(try x[newAxis].shape == [1, 3, 4] && x[ellipsis, newAxis].shape == [3, 4, 1])
    #expect(try x[1, ellipsis, 2].item == 7)
    #expect(try x[newAxis, 1, newAxis].shape == [1, 1, 4])
    let cube = try iota(.f64, [2, 3, 4], dim: 2)
    #expect(try cube[ellipsis, whole([0, 1])].shape == [2, 3, 2])
    // An index by elements is broken up by anything between its parts: its axes come first.
    let four = try iota(.f64, [2, 3, 4, 5], dim: 3)
    #expect(
      try four[Stride.all, whole([0, 1, 1]), newAxis, whole([0, 1, 2])].shape == [3, 2, 1, 5])
    #expect(try four[Stride.all, whole([0, 1, 1]), whole([0, 1, 2])].shape == [2, 3, 5])
    #expect(try cube[0, newAxis, whole([1, 2])].shape == [2, 1, 4])
    #expect(try cube[whole([0, 1]), ellipsis, whole([1, 2])].shape == [2, 3])
  }

  @Test func applyVisitsAnElementAsOftenAsItIsNamed() throws {
    let v = Tensor([1, 2, 3], .f64)
    let twice = whole([0, 0, 7])
    let f: @Sendable (Tensor) throws -> Tensor = { v in
      try v.at[twice].apply { try square($0) + 1 }
    }
    #expect(try f(v).scalars == [5, 2, 3])
    #expect(try jit(f)(v).scalars == [5, 2, 3])
    // (v² + 1)² + 1 has the slope 4v(v² + 1).
    #expect(try grad { try sum(f($0)) }(v).scalars == [8, 1, 1])
  }

  @Test func updatesAgreeWithArithmeticOnTheElements() throws {
    let (row, two) = (try x[1], Tensor(2, .f64))
    #expect(try x.at[1].divide(two)[1].scalars == (row / two).scalars)
    #expect(try x.at[1].power(two)[1].scalars == pow(row, two).scalars)
    #expect(try x.at[1].subtract(two)[1].scalars == (row - two).scalars)
    #expect(try x.at[1].mul(two)[1].scalars == (row * two).scalars)
    #expect(try x.at[whole([1, 1])].divide(two)[1].scalars == (row / 4).scalars)
  }

  @Test func readingOutOfRangeClampsUnlessAskedToFill() throws {
    let v = Tensor([1, 2, 3], .f64)
    let far = whole([10, -9, -1])
    #expect(try v.at[far].get().scalars == [3, 1, 3])
    #expect(try v.at[far].get(fillingWith: 7).scalars == [7, 7, 3])
    #expect(try v.at[far].get(fillingWith: nil).scalars.map(\.isNaN) == [true, true, false])
    #expect(try take(v, far, mode: .wrap).scalars == [2, 1, 3])
    #expect(try take(x, whole([11, -1])).scalars == [12, 12])
  }

  @Test func sortingIsTakingAlongTheSortedIndices() throws {
    let y = Tensor([[3, 1, 2], [0, 5, 4]], .f64)
    for axis in 0..<2 {
      let sorted = try takeAlongAxis(y, argsort(y, axis: axis), axis: axis)
      #expect(try sorted.scalars == sort(y, axis: axis).scalars)
    }
  }
}
