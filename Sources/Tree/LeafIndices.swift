// Which leaves belong to the subtree at a key path.
//
// A copy of the tree gets its leaves numbered: leaf i holds i. The subtree is read through the path,
// and its leaves say which they are. A Bool holds one bit, so trees whose subtree has Bools are
// numbered bit by bit. No reflection, no identity of objects.

import Core

extension PyTree {
  /// The positions, among all leaves, of the leaves of the subtree at `path`.
  func leafIndices<Child: PyTree>(of path: WritableKeyPath<Self, Child>) -> [Int] {
    let all = leaves
    return numbered(all, \.self)[keyPath: path].leafNumbers { bit in
      numbered(all) { ($0 >> bit) & 1 }[keyPath: path].leaves
    }
  }

  /// A copy whose leaf i holds `number(i)`.
  func numbered(_ all: [Leaf], _ number: (Int) -> Int) -> Self {
    do {
      return try unflatten(all.indices.map { all[$0].holding(number($0)) })
    } catch {
      preconditionFailure("numbering the leaves of \(Self.self): \(error)")
    }
  }

  /// The numbers that the leaves hold; `bits(b)` are leaves of the same subtree that hold bit b.
  func leafNumbers(bits: (Int) -> [Leaf]) -> [Int] {
    let held = leaves.map(\.number)
    guard held.contains(nil) else { return held.compactMap { $0 } }
    var numbers = [Int](repeating: 0, count: held.count)
    for bit in 0..<(Int.bitWidth - 1) {
      for (i, leaf) in bits(bit).enumerated() where leaf.isOn { numbers[i] |= 1 << bit }
    }
    return Swift.zip(held, numbers).map { $0 ?? $1 }
  }
}

extension Leaf {
  /// A leaf of the same kind that holds a number; a Bool holds whether it is odd.
  fileprivate func holding(_ number: Int) -> Leaf {
    switch self {
    case .tensor: .tensor(Tensor(shape: [], .f64([Double(number)])))
    case .bool: .bool(number & 1 == 1)
    case .int: .int(number)
    case .double: .double(Double(number))
    case .string: .string(String(number))
    case .function: .function(Function(ofMany: String(number)) { $0 })
    }
  }

  /// The number that the leaf holds, nil if it can hold one bit only.
  fileprivate var number: Int? {
    switch self {
    case .tensor(let tensor): (try? tensor.item).map { Int($0) }
    case .bool: nil
    case .int(let number): number
    case .double(let number): Int(number)
    case .string(let text): Int(text)
    case .function(let function): Int(function.name)
    }
  }

  fileprivate var isOn: Bool {
    switch self {
    case .bool(let bit): bit
    case .tensor, .int, .double, .string, .function: false
    }
  }
}
