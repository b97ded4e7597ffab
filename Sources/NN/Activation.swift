// PReLU, and activations that may have weights: one copy of the weights for every neuron.

public import Core
public import Tree

/// x where x ≥ 0, else slope · x, with a slope that is learnt.
public struct PReLU: PlainLayer {
  /// A scalar, or a shape that broadcasts to the input's.
  public var negativeSlope: Tensor

  /// The same slope for all.
  public init(_ slope: Double = 0.25, dtype: DType = .f32) {
    negativeSlope = Tensor(slope, dtype)
  }

  /// A slope for each position.
  public init(_ slope: Tensor) { negativeSlope = slope }

  /// `x: […]` → `[…]`; the derivative at 0 is 1.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    let (x, slope) = try promoted(x, negativeSlope)
    return try `where`(greaterOrEqual(x, Tensor(0, x.dtype)), x, slope * x)
  }

  /// One leaf, the slope.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("negativeSlope", &negativeSlope)
  }
}

/// An activation: a function, or a module whose leaves are shown as if it stood here itself.
public struct AnyActivation: PyTree {
  /// What is called.
  public var module: any PlainLayer

  /// Any unary module, a `Function` among them.
  public init(_ module: some PlainLayer) { self.module = module }

  /// The module stands for itself.
  public static var nodeRole: NodeRole { .container }

  /// Shows the module.
  public mutating func visitFields(_ visitor: FieldVisitor) { visitor.stand(&module) }

  /// This activation with every tensor repeated `count` times along a new first axis.
  func repeated(_ count: Int) throws -> AnyActivation {
    try treeMap(tensors: self) { try broadcast($0, to: [count] + $0.shape) }
  }

  /// This activation with index `i` of the first axis of every tensor.
  func taken(_ i: Int) throws -> AnyActivation {
    try treeMap(tensors: self) { try squeeze(slice($0, axis: 0, from: i, to: i + 1), [0]) }
  }

  /// Neuron by neuron: the i-th copy of the weights at `x[i]`. `x: [n, …]` → `[n, …]`.
  func mapped(_ x: Tensor) throws -> Tensor {
    let weights = leaves.compactMap(\.tensor)
    return try vmap({ [self] operands in
      var next = operands.makeIterator()
      let one = try treeMap(tensors: self) { next.next() ?? $0 }
      return [try one.module(operands[operands.count - 1])]
    })(weights + [x])[0]
  }
}
