// Operands for a sample: short decimals in its domain, from a seed.
//
// Every operand has a stream of its own, started from the seed, the program and the operand's
// index: operands that shared one would be equal, and x − x or a symmetric A·A hides a transposed
// rule. The same seed gives the same numbers on every machine and in every dtype: the decimals are
// drawn as reals and rounded at the end.

public import Core

extension Sample {
  /// One value per operand, fixed by `seed`.
  public func inputs(seed: UInt64) -> [Buffer] {
    operands.enumerated().reduce(into: []) { drawn, next in
      let (index, operand) = next
      var random = SeededGenerator(seed: seed, name: "\(program.name)\(program.parameters)", index)
      var values = operand.values(&random)
      // Scalars meet once in some thousand draws; the stream goes on until they differ.
      while operand.isContinuous && drawn.contains(where: { $0.isEqual(to: values) }) {
        values = operand.values(&random)
      }
      drawn.append(values)
    }
  }

  /// One direction per floating-point operand: ±(1 + U[0,1)), never uniform and never small.
  public func tangents(seed: UInt64) -> [Buffer] {
    operands.enumerated().filter { $0.element.aval.dtype.isInexact }.map { index, operand in
      direction(operand.aval, seed: seed, index)
    }
  }

  /// A direction of type `aval`, drawn from a stream that no operand uses.
  public func direction(_ aval: ShapedArray, seed: UInt64, _ index: Int) -> Buffer {
    var random = SeededGenerator(seed: seed, name: "\(program.name) direction", index)
    let values = (0..<aval.size).map { _ in
      random.decimal(in: 1...2) * (random.whole(in: 0...1) == 0 ? 1 : -1)
    }
    return Buffer(
      shape: aval.shape, Storage(rounding: values.map { DoubleDouble($0) }, to: aval.dtype))
  }
}

extension Buffer {
  fileprivate func isEqual(to other: Buffer) -> Bool {
    aval == other.aval && storage.isBitwiseEqual(to: other.storage)
  }
}

extension Operand {
  /// Whether another draw gives other numbers.
  fileprivate var isContinuous: Bool {
    aval.dtype.isInexact && aval.size > 0 && domain.lowerBound < domain.upperBound
  }

  fileprivate func values(_ random: inout SeededGenerator) -> Buffer {
    let reals =
      switch aval.dtype {
      case .f32, .f64: isDistinct ? distinct(&random) : any(&random)
      case .i32 where isDistinct: distinctWholes(&random)
      case .i32, .u32, .bool: (0..<aval.size).map { _ in Double(random.whole(in: wholeDomain)) }
      }
    return Buffer(
      shape: aval.shape, Storage(rounding: reals.map { DoubleDouble($0) }, to: aval.dtype))
  }

  private func any(_ random: inout SeededGenerator) -> [Double] {
    (0..<aval.size).map { _ in random.decimal(in: domain) }
  }

  /// The middle half of one of `size` equal parts for each element.
  private func distinct(_ random: inout SeededGenerator) -> [Double] {
    var parts = Array(0..<aval.size)
    for i in parts.indices.dropFirst() { parts.swapAt(i, random.whole(in: 0...i)) }
    let width = (domain.upperBound - domain.lowerBound) / Double(Swift.max(1, aval.size))
    return parts.map { part in
      let start = domain.lowerBound + width * (Double(part) + 0.25)
      return random.decimal(in: start...start + width / 2)
    }
  }

  /// Whole numbers of the domain of which no two are equal, in random order.
  private func distinctWholes(_ random: inout SeededGenerator) -> [Double] {
    var all = Array(wholeDomain)
    precondition(all.count >= aval.size, "\(domain) holds fewer numbers than \(aval)")
    for i in all.indices.dropFirst() { all.swapAt(i, random.whole(in: 0...i)) }
    return all.prefix(aval.size).map { Double($0) }
  }

  private var wholeDomain: ClosedRange<Int> {
    Int(domain.lowerBound.rounded(.up))...Int(domain.upperBound.rounded(.down))
  }
}
