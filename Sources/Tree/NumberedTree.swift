// Which leaves belong to the subtree at a key path.
//
// Two copies of the tree get their leaves numbered: leaf i holds i in one and i + n in the other.
// The subtree is read through the path, and its leaves say which they are; one that says the same
// in both copies is no leaf of the tree (a constant, or something that a computed property made). A
// Bool holds one bit, so Bools are told apart by copies that hold the bits of i. No reflection, no
// identity of objects (compare rules TA-06, TA-09, TA-10).

import Core

/// A tree whose leaves can be found again under key paths.
struct NumberedTree<Tree: PyTree> {
  private let tree: Tree
  private let all: [Leaf]
  private let low: Tree
  private let high: Tree
  /// Copies that hold bit b of each number, made when the first Bool is met.
  private var bits: [Tree] = []

  init(_ tree: Tree) {
    self.tree = tree
    all = tree.leaves
    let count = all.count
    low = numbered(tree, all, isOn: { _ in false }) { $0 }
    high = numbered(tree, all, isOn: { _ in true }) { $0 + count }
  }

  /// A copy whose leaf i holds i, Bools apart.
  var copy: Tree { low }

  /// The positions, among all leaves, of those of the subtree at `path`.
  /// - Throws: `TreeError.notInTree` if the path leads to something that is not part of the tree.
  mutating func indices<Child: PyTree>(of path: WritableKeyPath<Tree, Child>) throws -> [Int] {
    let (a, b) = (low[keyPath: path].leaves, high[keyPath: path].leaves)
    var bools: [Int]?
    return try zip(a, b).enumerated().map { k, pair in
      switch (pair.0.number, pair.1.number) {
      case (let i?, let j?) where all.indices.contains(i) && j == i + all.count: return i
      case (nil, nil) where !pair.0.isOn && pair.1.isOn:
        let numbers = bools ?? numbersByBits(at: path, count: a.count)
        bools = numbers
        return numbers[k]
      case _: throw TreeError.notInTree("\(path)", pair.0.kind)
      }
    }
  }

  private mutating func numbersByBits<Child: PyTree>(
    at path: WritableKeyPath<Tree, Child>, count: Int
  ) -> [Int] {
    if bits.isEmpty {
      let width = Int.bitWidth - all.count.leadingZeroBitCount
      bits = (0..<width).map { b in
        numbered(tree, all, isOn: { ($0 >> b) & 1 == 1 }) { $0 }
      }
    }
    var numbers = [Int](repeating: 0, count: count)
    for (b, copy) in bits.enumerated() {
      for (k, leaf) in copy[keyPath: path].leaves.enumerated() where leaf.isOn {
        numbers[k] |= 1 << b
      }
    }
    return numbers
  }
}

/// A copy of `tree` whose leaf i holds `number(i)` or, if it is a Bool, `isOn(i)`.
private func numbered<T: PyTree>(
  _ tree: T, _ leaves: [Leaf], isOn: (Int) -> Bool, _ number: (Int) -> Int
) -> T {
  do {
    return try tree.unflatten(
      leaves.enumerated().map { i, leaf in leaf.holding(number(i), isOn: isOn(i)) })
  } catch {
    preconditionFailure("numbering the leaves of \(T.self): \(error)")
  }
}

extension Leaf {
  /// A leaf of the same kind that holds a number or, if it is a Bool, one bit.
  fileprivate func holding(_ number: Int, isOn: Bool) -> Leaf {
    switch self {
    case .tensor: .tensor(Tensor(shape: [number, 0], .f32([])))
    case .bool: .bool(isOn)
    case .int: .int(number)
    case .double: .double(Double(number))
    case .string: .string(String(number))
    case .function: .function(Function(ofMany: String(number)) { $0 })
    }
  }

  /// The number that the leaf holds, if it can hold one.
  fileprivate var number: Int? {
    switch self {
    case .tensor(let tensor): tensor.shape.first
    case .bool: nil
    case .int(let number): number
    case .double(let number): Int(exactly: number)
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

extension PyTree {
  /// The positions of the leaves of the subtree at `path`, which must be part of the tree.
  func leafIndices<Child: PyTree>(of path: WritableKeyPath<Self, Child>) -> [Int] {
    var numbered = NumberedTree(self)
    do { return try numbered.indices(of: path) } catch { preconditionFailure("\(error)") }
  }
}
