// Parameters that follow others: s · new + (1 − s) · old.

import Core
public import Tree

/// s · new + (1 − s) · old for every floating-point tensor; other leaves are those of `new`.
/// - Throws: `TreeError.mismatch` if the structures differ.
public func incrementalUpdate<T: PyTree>(
  _ newTensors: T, _ oldTensors: T, _ stepSize: Hyperparameter
) throws -> T {
  try treeMap(newTensors, oldTensors) { new, old in
    guard case .tensor(let x) = new, case .tensor(let y) = old, x.dtype.isInexact else {
      return new
    }
    return .tensor(try stepSize * x + (1 - stepSize) * y)
  }
}
