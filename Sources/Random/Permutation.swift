// Permutations by sorting under random keys.
//
// Words of 32 bits may collide, and equal ones keep their order, so that large arrays are sorted
// several times; JAX's rule for how often: ⌈3 ln n / ln(2³² − 1)⌉.

public import Core

extension Key {
  /// 0, 1, …, `count` − 1 in random order, `i32[count]`.
  public func permutation(_ count: Int) throws -> Tensor {
    try shuffled(arange(Swift.max(0, count)), axis: 0)
  }

  /// `x` with its sections along `axis` in random order; with `independent`, each line along `axis`
  /// in an order of its own.
  public func permutation(
    of x: Tensor, axis: Int = 0, independent: Bool = false
  ) throws -> Tensor {
    guard (-x.rank..<x.rank).contains(axis) else {
      throw TraceError.badArgument(
        "axis \(axis) is out of bounds for array of dimension \(x.rank)")
    }
    let axis = axis < 0 ? axis + x.rank : axis
    if independent || x.rank == 1 { return try shuffled(x, axis: axis) }
    return try take(x, permutation(x.shape[axis]), axis: axis)
  }

  /// `x` sorted along `axis` by fresh random words, as often as its size asks for.
  private func shuffled(_ x: Tensor, axis: Int) throws -> Tensor {
    var (key, x) = (self, x)
    for _ in 0..<sortCount(x.aval.size) {
      let (next, sub) = try key.split()
      x = try sort([sub.bits(x.shape), x], dimension: axis)[1]
      key = next
    }
    return x
  }

  /// ⌈3 ln n / ln(2³² − 1)⌉: the least r with n³ ≤ (2³² − 1)ʳ.
  private func sortCount(_ n: Int) -> Int {
    let cube = Double(n) * Double(n) * Double(n)
    var (reach, count) = (1.0, 0)
    while reach < cube { (reach, count) = (reach * Double(UInt32.max), count + 1) }
    return count
  }
}
