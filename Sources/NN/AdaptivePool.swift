// Pools with a given number of places: each spatial axis is cut into that many parts.
//
// n elements in t parts: the first n mod t parts have ⌈n / t⌉ elements, the others ⌊n / t⌋ (rule
// LA-12). The axes are pooled one after another. Corresponds to equinox/nn/_pool.py.

public import Core
public import Tree

/// A pool with `targetShape` places: `x: [channels, space…]` → `[channels, target…]`.
public struct AdaptivePool: PlainLayer {
  /// How often the operation is applied where the parts are of one size (DV-41).
  public enum Application: String, Hashable, Sendable {
    /// Once, as where they are not.
    case once
    /// To its own results again, as Equinox 0.13.8; no difference for mean and maximum.
    case twiceWhereDivisible
  }

  /// From a vector to a scalar.
  public var operation: Function
  /// How many places each axis gets.
  public let targetShape: [Int]
  /// How often the operation is applied.
  public let application: Application

  /// The pool that applies `operation` to every part.
  public init(
    _ targetShape: any PerAxis, spatialDims: Int, operation: Function,
    application: Application = .once
  ) throws {
    do { self.targetShape = try targetShape.perAxis(spatialDims) } catch {
      throw LayerError.badArgument(
        "`target_size` must either be an int or tuple of length \(spatialDims) containing ints.")
    }
    try demand(
      self.targetShape.allSatisfy { $0 > 0 },
      "`target_size` must be positive, got \(pythonTuple(self.targetShape))")
    self.operation = operation
    self.application = application
  }

  /// `x: [channels, space…]` → `[channels, target…]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try demandInput(
      x.rank - 1 == targetShape.count,
      "Expected input with \(targetShape.count) dimensions, received \(x.rank - 1) instead.")
    return try targetShape.enumerated().reduce(x) { x, next in
      let last = try moveAxis(x, next.offset + 1, x.rank - 1)
      return try moveAxis(pooled(last, next.element), x.rank - 1, next.offset + 1)
    }
  }

  /// `x: […, n]` → `[…, target]`.
  private func pooled(_ x: Tensor, _ target: Int) throws -> Tensor {
    let extent = x.shape[x.rank - 1]
    let (small, larger) = extent.quotientAndRemainder(dividingBy: target)
    try demandInput(
      small > 0, "an axis of extent \(extent) cannot be cut into \(target) parts that are not empty"
    )
    let split = larger * (small + 1)
    let head = try parts(x, from: 0, to: split, larger)
    let tail = try parts(x, from: split, to: extent, target - larger)
    guard larger == 0 else { return try concatenate([head, tail], axis: x.rank - 1) }
    switch application {
    case .once: return tail
    case .twiceWhereDivisible: return try reshape(rows(reshape(tail, [-1])), tail.shape)
    }
  }

  /// `operation` of each of `count` equal parts of `x[…, from ..< to]`: `[…, count]`.
  private func parts(_ x: Tensor, from: Int, to: Int, _ count: Int) throws -> Tensor {
    let leading = Array(x.shape.dropLast())
    if count == 0 { return try slice(x, axis: -1, from: 0, to: 0) }
    let flat = try reshape(
      slice(x, axis: -1, from: from, to: to),
      [leading.reduce(1, *) * count, (to - from) / count])
    return try reshape(rows(flat), leading + [count])
  }

  /// `operation` of each index of the first axis.
  private func rows(_ x: Tensor) throws -> Tensor {
    try vmap { [operation] row in
      let result = try operation(row)
      try demandInput(
        result.rank == 0, "the operation of a pool must give a scalar, got \(result.aval)")
      return result
    }(x)
  }

  /// One leaf, the operation.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("operation", &operation)
    visitor.constant("targetShape", targetShape)
    visitor.constant("application", application.rawValue)
  }
}

extension Function {
  /// The mean of all elements.
  public static let mean = Function("mean") { try Core.mean($0) }
  /// The largest of all elements.
  public static let max = Function("max") { try Core.max($0) }
}

/// An adaptive pool by mean or maximum.
public protocol AdaptivePoolLayer: PlainLayer {
  /// The pool it stands for.
  var pool: AdaptivePool { get set }
}

extension AdaptivePoolLayer {
  /// `x: [channels, space…]` → `[channels, target…]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try pool(x) }

  /// The leaf of the pool.
  public mutating func visitFields(_ visitor: FieldVisitor) { pool.visitFields(visitor) }
}

/// The mean over parts of `x: [channels, space]`.
public struct AdaptiveAvgPool1d: AdaptivePoolLayer {
  /// The pool it stands for.
  public var pool: AdaptivePool

  /// A pool with `targetShape` places.
  public init(_ targetShape: any PerAxis) throws {
    pool = try AdaptivePool(targetShape, spatialDims: 1, operation: .mean)
  }
}

/// The largest over parts of `x: [channels, space]`.
public struct AdaptiveMaxPool1d: AdaptivePoolLayer {
  /// The pool it stands for.
  public var pool: AdaptivePool

  /// A pool with `targetShape` places.
  public init(_ targetShape: any PerAxis) throws {
    pool = try AdaptivePool(targetShape, spatialDims: 1, operation: .max)
  }
}

/// The mean over parts of `x: [channels, height, width]`.
public struct AdaptiveAvgPool2d: AdaptivePoolLayer {
  /// The pool it stands for.
  public var pool: AdaptivePool

  /// A pool with `targetShape` places.
  public init(_ targetShape: any PerAxis) throws {
    pool = try AdaptivePool(targetShape, spatialDims: 2, operation: .mean)
  }
}

/// The largest over parts of `x: [channels, height, width]`.
public struct AdaptiveMaxPool2d: AdaptivePoolLayer {
  /// The pool it stands for.
  public var pool: AdaptivePool

  /// A pool with `targetShape` places.
  public init(_ targetShape: any PerAxis) throws {
    pool = try AdaptivePool(targetShape, spatialDims: 2, operation: .max)
  }
}

/// The mean over parts of `x: [channels, depth, height, width]`.
public struct AdaptiveAvgPool3d: AdaptivePoolLayer {
  /// The pool it stands for.
  public var pool: AdaptivePool

  /// A pool with `targetShape` places.
  public init(_ targetShape: any PerAxis) throws {
    pool = try AdaptivePool(targetShape, spatialDims: 3, operation: .mean)
  }
}

/// The largest over parts of `x: [channels, depth, height, width]`.
public struct AdaptiveMaxPool3d: AdaptivePoolLayer {
  /// The pool it stands for.
  public var pool: AdaptivePool

  /// A pool with `targetShape` places.
  public init(_ targetShape: any PerAxis) throws {
    pool = try AdaptivePool(targetShape, spatialDims: 3, operation: .max)
  }
}
