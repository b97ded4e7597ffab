// Pools of one example: `x: [channels, space…]` → `[channels, places…]`.
//
// An average divides by the size of the whole window, so that padding counts as zeros (rule LA-12).
// The start and the operation are structure here and no leaves: the average needs both as they are.

public import Core
public import Tree

/// A pool of some number of spatial axes.
public protocol PoolLayer: PlainLayer {
  /// How its windows lie.
  var geometry: PoolGeometry { get }
  /// The number of spatial axes.
  static var spatialDims: Int { get }
  /// The pool of these windows.
  init(geometry: PoolGeometry)
}

extension PoolLayer {
  /// Windows of `kernelSize` in steps of `stride`.
  public init(
    kernelSize: any PerAxis, stride: any PerAxis = 1, padding: any PaddingArgument = 0,
    useCeil: Bool = false
  ) throws {
    self.init(
      geometry: try PoolGeometry(
        spatialDims: Self.spatialDims, kernelSize: kernelSize, stride: stride, padding: padding,
        useCeil: useCeil))
  }

  /// No leaves.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.constant("geometry", geometry)
  }
}

/// A pool of any number of spatial axes, by sum or extremum.
public struct Pool: PlainLayer {
  /// What becomes of a window.
  public let operation: WindowReduction
  /// How its windows lie.
  public let geometry: PoolGeometry

  /// Windows of `kernelSize` in steps of `stride`.
  public init(
    _ operation: WindowReduction, spatialDims: Int, kernelSize: any PerAxis,
    stride: any PerAxis = 1, padding: any PaddingArgument = 0, useCeil: Bool = false
  ) throws {
    self.operation = operation
    geometry = try PoolGeometry(
      spatialDims: spatialDims, kernelSize: kernelSize, stride: stride, padding: padding,
      useCeil: useCeil)
  }

  /// `x: [channels, space…]` → `[channels, places…]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try geometry.reduce(operation, x) }

  /// No leaves.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.constant("operation", operation.rawValue)
    visitor.constant("geometry", geometry)
  }
}

extension PoolGeometry {
  /// The mean over every window; whole numbers become f32.
  fileprivate func average(_ x: Tensor) throws -> Tensor {
    let sums = try reduce(.sum, x)
    let floating = try sums.dtype.isInexact ? sums : sums.asType(.f32)
    return try floating / Double(kernelSize.reduce(1, *))
  }
}

/// The mean over windows of `x: [channels, space]`.
public struct AvgPool1d: PoolLayer {
  /// How its windows lie.
  public let geometry: PoolGeometry
  /// 1.
  public static var spatialDims: Int { 1 }

  /// The pool of these windows.
  public init(geometry: PoolGeometry) { self.geometry = geometry }

  /// `x: [channels, space]` → `[channels, places]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try geometry.average(x) }
}

/// The largest over windows of `x: [channels, space]`.
public struct MaxPool1d: PoolLayer {
  /// How its windows lie.
  public let geometry: PoolGeometry
  /// 1.
  public static var spatialDims: Int { 1 }

  /// The pool of these windows.
  public init(geometry: PoolGeometry) { self.geometry = geometry }

  /// `x: [channels, space]` → `[channels, places]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try geometry.reduce(.max, x) }
}

/// The mean over windows of `x: [channels, height, width]`.
public struct AvgPool2d: PoolLayer {
  /// How its windows lie.
  public let geometry: PoolGeometry
  /// 2.
  public static var spatialDims: Int { 2 }

  /// The pool of these windows.
  public init(geometry: PoolGeometry) { self.geometry = geometry }

  /// `x: [channels, height, width]` → `[channels, places, places]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try geometry.average(x) }
}

/// The largest over windows of `x: [channels, height, width]`.
public struct MaxPool2d: PoolLayer {
  /// How its windows lie.
  public let geometry: PoolGeometry
  /// 2.
  public static var spatialDims: Int { 2 }

  /// The pool of these windows.
  public init(geometry: PoolGeometry) { self.geometry = geometry }

  /// `x: [channels, height, width]` → `[channels, places, places]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try geometry.reduce(.max, x) }
}

/// The mean over windows of `x: [channels, depth, height, width]`.
public struct AvgPool3d: PoolLayer {
  /// How its windows lie.
  public let geometry: PoolGeometry
  /// 3.
  public static var spatialDims: Int { 3 }

  /// The pool of these windows.
  public init(geometry: PoolGeometry) { self.geometry = geometry }

  /// `x: [channels, depth, height, width]` → `[channels, places, places, places]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try geometry.average(x) }
}

/// The largest over windows of `x: [channels, depth, height, width]`.
public struct MaxPool3d: PoolLayer {
  /// How its windows lie.
  public let geometry: PoolGeometry
  /// 3.
  public static var spatialDims: Int { 3 }

  /// The pool of these windows.
  public init(geometry: PoolGeometry) { self.geometry = geometry }

  /// `x: [channels, depth, height, width]` → `[channels, places, places, places]`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try geometry.reduce(.max, x) }
}
