// Pools against loops over their windows; whole numbers, so that sums are exact.

import Core
import NN
import Testing
import Tree

/// The values of `combine` over the windows of one line.
private func looped(
  _ x: [Double], _ kernel: Int, _ stride: Int, _ edge: EdgePadding, ceil: Bool,
  _ combine: ([Double?]) -> Double
) -> [Double] {
  let room = x.count + edge.low + edge.high - kernel
  let steps = ceil ? (room + stride - 1) / stride : room / stride
  return (0..<(room < 0 && !ceil ? 0 : steps + 1)).map { place in
    combine(
      (0..<kernel).map { tap in
        let at = place * stride + tap - edge.low
        return x.indices.contains(at) ? x[at] : nil
      })
  }
}

@Suite struct PoolTests {
  @Test(
    arguments: [
      (2, 1, EdgePadding(0, 0)), (3, 2, EdgePadding(1, 0)), (4, 3, EdgePadding(0, 1)),
      (3, 2, EdgePadding(1, 1)), (5, 2, EdgePadding(2, 3)),
    ], [false, true])
  func `LA-12 pools are loops over windows, and an average counts its padding as zeros`(
    form: (kernel: Int, stride: Int, edge: EdgePadding), ceil: Bool
  ) throws {
    for extent in 4..<9 {
      let x = wholes([2, extent], extent)
      let (kernel, stride, edge) = form
      let rows = try [x[0].scalars, x[1].scalars]
      let sums = rows.flatMap { row in
        looped(row, kernel, stride, edge, ceil: ceil) {
          $0.reduce(0) { $0 + ($1 ?? 0) } / Double(kernel)
        }
      }
      let largest = rows.flatMap { row in
        looped(row, kernel, stride, edge, ceil: ceil) {
          $0.reduce(-.infinity) { max($0, $1 ?? -.infinity) }
        }
      }
      let average = try AvgPool1d(
        kernelSize: kernel, stride: stride, padding: [edge], useCeil: ceil)
      let maximum = try MaxPool1d(
        kernelSize: kernel, stride: stride, padding: [edge], useCeil: ceil)
      #expect(try average(x).scalars == sums, "\(form) \(extent)")
      #expect(try maximum(x).scalars == largest, "\(form) \(extent)")
    }
  }

  @Test func `LA-12 axes are pooled one after another`() throws {
    let x = wholes([2, 5, 6], 0)
    let plane = try MaxPool2d(kernelSize: [2, 3], stride: [2, 1], padding: [1, 0])
    let down = try MaxPool1d(kernelSize: 2, stride: 2, padding: 1)
    let across = try MaxPool1d(kernelSize: 3)
    let half = try vmap({ [try down($0[0])] }, inAxes: [2], outAxes: [2])([x])
    let both = try vmap({ [try across($0[0])] }, inAxes: [1], outAxes: [1])(half)
    try expectAgree(plane(x), both[0])
    let volume = wholes([1, 2, 3, 4], 1)
    let sums = try Pool(.sum, spatialDims: 3, kernelSize: [2, 1, 2])(volume)
    try expectAgree(AvgPool3d(kernelSize: [2, 1, 2])(volume), sums / 4)
  }

  @Test func `LA-12 figures, ties, whole numbers`() throws {
    let x = try counting([1, 6]) + 1
    let padded = try AvgPool1d(kernelSize: 2, stride: 2, padding: 1)
    #expect(try padded(x).scalars == [0.5, 2.5, 4.5, 3])
    let pool = try MaxPool1d(kernelSize: 2, stride: 2)
    let ties = Tensor([[1, 1, 2, 2]], .f64)
    #expect(try grad { try sum(pool($0)) }(ties).scalars == [1, 0, 1, 0])
    let wholeNumbers = Tensor([[3, 1, 2, 5]], .i32)
    #expect(try MaxPool1d(kernelSize: 2, padding: 1)(wholeNumbers).scalars == [3, 3, 2, 5, 5])
    let halves = try AvgPool1d(kernelSize: 2)(wholeNumbers)
    #expect(try halves.dtype == .f32 && halves.scalars == [2, 1.5, 3.5])
  }

  @Test func `LA-08 wrong arguments and inputs are named`() throws {
    let x = wholes([1, 6], 0)
    #expect(
      refuses("less than the size of the kernel") {
        try MaxPool1d(kernelSize: 2, padding: 3)(x)
      })
    #expect(
      refuses("less than the size of the kernel") {
        try MaxPool1d(kernelSize: 2, stride: 3, useCeil: true)(x)
      })
    #expect(refuses("2 spatial dimensions") { try MaxPool2d(kernelSize: 1)(x) })
    #expect(refuses("int") { try MaxPool1d(kernelSize: 2, padding: "SAME") })
    #expect(refuses("length") { try AdaptiveAvgPool2d([2]) })
    #expect(refuses("Expected input with 2 dimensions") { try AdaptiveAvgPool2d(2)(x) })
    #expect(refuses("positive") { try AdaptiveAvgPool1d(0) })
    #expect(refuses("cannot be cut") { try AdaptiveAvgPool1d(7)(x) })
  }

  @Test func `LA-12 parts cover the axis once, longer ones first`() throws {
    let sums = Function("sum") { try sum($0) }
    let indices = Function("count") { try sum(ones(like: $0)) }
    for extent in 1..<12 {
      for target in 1...extent {
        let x = wholes([2, extent], extent)
        let counts = try AdaptivePool(target, spatialDims: 1, operation: indices)(x).scalars
        let (small, longer) = extent.quotientAndRemainder(dividingBy: target)
        let expected = (0..<target).map { Double($0 < longer ? small + 1 : small) }
        #expect(counts == expected + expected)
        let total = try sum(AdaptivePool(target, spatialDims: 1, operation: sums)(x), axes: [1])
        try expectAgree(total, sum(x, axes: [1]))
      }
    }
    #expect(try AdaptiveAvgPool1d(4)(counting([1, 6]) + 1).scalars == [1.5, 3.5, 5, 6])
    #expect(try AdaptiveMaxPool2d([1, 2])(counting([1, 3, 3])).scalars == [7, 8])
  }

  @Test func `DV-41 an operation is applied once, in Equinox twice where parts are of one size`()
    throws
  {
    let energy = Function("energy") { try sum(square($0)) }
    let x = counting([1, 6])
    let ours = try AdaptivePool(2, spatialDims: 1, operation: energy)
    #expect(try ours(x).scalars == [5, 50])
    let theirs = try AdaptivePool(
      2, spatialDims: 1, operation: energy, application: .twiceWhereDivisible)
    #expect(try theirs(x).scalars == [25, 2500])
    let odd = try x[Stride.all, 0..<5]
    try expectAgree(theirs(odd), ours(odd))
  }
}
