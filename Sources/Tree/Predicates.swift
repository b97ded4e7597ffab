// Which leaves are arrays: Equinox's four predicates (rule FI-01).

import Core

/// Whether the leaf is a tensor.
public func isArray(_ leaf: Leaf) -> Bool { leaf.tensor != nil }

/// Whether the leaf is a tensor of floating-point numbers: what has a gradient.
public func isInexactArray(_ leaf: Leaf) -> Bool { leaf.tensor?.dtype.isInexact ?? false }

/// Whether the leaf is a tensor or a Swift number.
public func isArrayLike(_ leaf: Leaf) -> Bool {
  switch leaf {
  case .tensor, .bool, .int, .double: true
  case .string, .function: false
  }
}

/// Whether the leaf is a tensor of floating-point numbers or a `Double`.
public func isInexactArrayLike(_ leaf: Leaf) -> Bool {
  switch leaf {
  case .tensor(let tensor): tensor.dtype.isInexact
  case .double: true
  case .bool, .int, .string, .function: false
  }
}
