// Row-major arrays of one Swift type, the only memory layout of the reference.

/// A dense array in row-major order.
///
/// Invariant: `scalars.count == shape.reduce(1, *)`.
public struct DenseArray<Element: Sendable>: Sendable {
  /// The extent of each axis.
  public let shape: [Int]
  /// The elements, last axis fastest.
  public var scalars: [Element]

  /// An array of `scalars` in row-major order.
  public init(shape: [Int], scalars: [Element]) {
    precondition(scalars.count == shape.reduce(1, *), "\(scalars.count) elements for \(shape)")
    self.shape = shape
    self.scalars = scalars
  }

  /// A scalar.
  public init(_ scalar: Element) {
    self.init(shape: [], scalars: [scalar])
  }

  /// The array of the same shape with `transform` applied to each element.
  public func map<T: Sendable>(_ transform: (Element) throws -> T) rethrows -> DenseArray<T> {
    DenseArray<T>(shape: shape, scalars: try scalars.map(transform))
  }
}

extension DenseArray: Equatable where Element: Equatable {}

/// Row-major strides: how far apart neighbours on each axis lie.
public func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * shape[axis + 1]
  }
  return strides
}
