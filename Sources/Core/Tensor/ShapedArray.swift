// The abstract value of a tensor: what the typing rules compute with.

/// A dtype and a shape, printed as JAX prints it: `f32[2,3]`.
public struct ShapedArray: Hashable, Sendable, CustomStringConvertible {
  /// The type of the elements.
  public var dtype: DType
  /// The extent of each axis.
  public var shape: [Int]

  /// An abstract value `dtype[shape]`.
  public init(_ dtype: DType, _ shape: [Int] = []) {
    self.dtype = dtype
    self.shape = shape
  }

  /// The number of axes.
  public var rank: Int { shape.count }

  /// The number of elements: ∏ shape, 1 for a scalar.
  public var size: Int { shape.reduce(1, *) }

  /// `dtype[shape]`.
  public var description: String {
    "\(dtype)[\(shape.map(String.init).joined(separator: ","))]"
  }

  /// The same dtype with other extents.
  public func with(shape: [Int]) -> ShapedArray { ShapedArray(dtype, shape) }

  /// The same shape with other elements.
  public func with(dtype: DType) -> ShapedArray { ShapedArray(dtype, shape) }
}
