// The one array type that users hold.
//
// A tensor is an abstract value plus one of: a known value, or what an active transformation put
// in its place. Which transformation a tensor belongs to is told by token, so that nested
// transformations can never take each other's tangents (perturbation confusion).

/// An n-dimensional array, known or traced.
public struct Tensor: Sendable {
  /// All of it behind one reference: trees copy tensors by the thousand, and each copy counts one.
  @usableFromInline let content: Content

  @usableFromInline final class Content: Sendable {
    let aval: ShapedArray
    let value: Value

    init(_ aval: ShapedArray, _ value: Value) { (self.aval, self.value) = (aval, value) }
  }

  /// What stands behind a tensor.
  package enum Value: Sendable {
    /// Elements in the tensor's own dtype.
    case known(Storage)
    /// A scalar that is meant as a real number: rounded to the dtype when a backend runs it, kept
    /// to 106 bits where the truth is computed.
    case constant(DoubleDouble)
    case dual(Token, primal: Tensor, tangent: Tensor?)
    /// One tensor per index of axis 0 of `values`.
    case batched(Token, values: Tensor)
    case staged(Token, Var)
  }

  package init(aval: ShapedArray, value: Value) {
    content = Content(aval, value)
  }

  /// Its dtype and shape.
  public var aval: ShapedArray { content.aval }
  package var value: Value { content.value }

  /// Whether both are one and the same, not merely equal.
  @inlinable package func isIdentical(to other: Tensor) -> Bool { content === other.content }

  /// The extent of each axis.
  public var shape: [Int] { aval.shape }
  /// The type of the elements.
  public var dtype: DType { aval.dtype }
  /// The number of axes.
  public var rank: Int { aval.rank }

  /// The elements, if they are known now.
  ///
  /// Differentiation leaves primals known, so a Swift `if` on a value works under `grad`.
  /// - Throws: `TraceError.notConcrete` under `jit`, `makeJaxpr` and `vmap`.
  public var storage: Storage {
    get throws {
      switch value {
      case .known(let storage): return storage
      case .constant(let real): return Storage(rounding: [real], to: dtype)
      case .dual(_, let primal, _): return try primal.storage
      case .batched, .staged: throw TraceError.notConcrete(aval)
      }
    }
  }
}

/// The identity of one run of one transformation.
package final class Token: Sendable {
  package init() {}
}

extension Tensor {
  /// A known tensor.
  public init(shape: [Int], _ storage: Storage) {
    precondition(storage.count == shape.reduce(1, *), "\(storage.count) elements for \(shape)")
    self.init(aval: ShapedArray(storage.dtype, shape), value: .known(storage))
  }

  /// The scalar that stands for a real number; each backend rounds it to `dtype`.
  public init(constant real: DoubleDouble, _ dtype: DType) {
    self.init(aval: ShapedArray(dtype), value: .constant(real))
  }

  /// A scalar, `f32` unless told otherwise.
  public init(_ x: Double, _ dtype: DType = .f32) {
    self.init(shape: [], Storage(rounding: [DoubleDouble(x)], to: dtype))
  }

  /// A vector `[n]`, `f32` unless told otherwise.
  public init(_ xs: [Double], _ dtype: DType = .f32) {
    self.init(shape: [xs.count], Storage(rounding: xs.map { DoubleDouble($0) }, to: dtype))
  }

  /// A matrix `[rows, columns]`, `f32` unless told otherwise.
  public init(_ rows: [[Double]], _ dtype: DType = .f32) {
    let flat = rows.flatMap { $0 }.map { DoubleDouble($0) }
    let width = rows.first?.count ?? 0
    self.init(shape: [rows.count, width], Storage(rounding: flat, to: dtype))
  }

  /// The elements as `Double`: exact for every dtype.
  public var scalars: [Double] {
    get throws { try storage.exact.map { Double($0) } }
  }

  /// The only element of a tensor of size 1.
  public var item: Double {
    get throws {
      let all = try scalars
      guard let only = all.first, all.count == 1 else {
        throw TraceError.badArgument(
          "item requires a tensor with one element, got shape \(pythonTuple(shape))")
      }
      return only
    }
  }
}

extension Tensor: CustomStringConvertible {
  /// The elements for a known tensor, else its abstract value and which transformation holds it.
  public var description: String {
    switch value {
    case .known, .constant: "\(aval) \((try? scalars) ?? [])"
    case .dual: "Dual<\(aval)>"
    case .batched: "Batched<\(aval)>"
    case .staged: "Staged<\(aval)>"
    }
  }
}
