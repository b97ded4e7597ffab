// What the initialisers of convolutions and pools take: one number for all axes, or one for each.

public import Core

/// A whole number for every spatial axis: an `Int` for all of them, or an array.
public protocol PerAxis {
  /// One number for each of `count` axes.
  func perAxis(_ count: Int) throws -> [Int]
}

extension Int: PerAxis {
  /// The same number for all.
  public func perAxis(_ count: Int) throws -> [Int] { Array(repeating: self, count: count) }
}

extension [Int]: PerAxis {
  /// These numbers, which must be as many as there are axes.
  public func perAxis(_ count: Int) throws -> [Int] {
    try demand(
      self.count == count,
      "Length of \(pythonTuple(self)) (length = \(self.count)) is not equal to \(count)")
    return self
  }
}

/// The padding of one axis: the same on both sides, or a pair.
public protocol PaddingOfAxis {
  /// Before the first element and after the last.
  var edges: EdgePadding { get }
}

extension Int: PaddingOfAxis {
  /// As much on both sides.
  public var edges: EdgePadding { EdgePadding(self, self) }
}

extension EdgePadding: PaddingOfAxis {
  /// Itself.
  public var edges: EdgePadding { self }
}

/// The padding of every spatial axis: a number, one number or pair for each axis, a
/// `WindowPadding`, or one of the names `SAME`, `SAME_LOWER` and `VALID`.
public protocol PaddingArgument {
  /// The padding of `count` axes.
  func padding(_ count: Int) throws -> WindowPadding
}

extension Int: PaddingArgument {
  /// As much on both sides of every axis.
  public func padding(_ count: Int) throws -> WindowPadding {
    .explicit(Array(repeating: edges, count: count))
  }
}

extension Array: PaddingArgument where Element: PaddingOfAxis {
  /// Each axis its own.
  public func padding(_ count: Int) throws -> WindowPadding {
    try demandAxes(self.count, count)
    return .explicit(map(\.edges))
  }
}

extension WindowPadding: PaddingArgument {
  /// Itself.
  public func padding(_ count: Int) throws -> WindowPadding {
    if case .explicit(let edges) = self { try demandAxes(edges.count, count) }
    return self
  }
}

extension String: PaddingArgument {
  /// The padding of this name.
  public func padding(_ count: Int) throws -> WindowPadding {
    guard let padding = try? WindowPadding(named: self) else {
      throw LayerError.badArgument(
        "`padding` string must be `'SAME'`, `'SAME_LOWER'`, or `'VALID'`, got '\(self)'")
    }
    return padding
  }
}

private func demandAxes(_ given: Int, _ count: Int) throws {
  try demand(
    given == count,
    "`padding` must either be a string, an int, or as many ints or pairs as there are spatial "
      + "axes, \(count), got \(given)")
}
