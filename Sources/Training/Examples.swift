// Examples to learn from: inputs and targets side by side, and the noisy sine of the tutorial.
//
// Invariant: axis 0 of both counts the examples. The noisy sine is drawn as a Python program draws
// it: the same keys give the same inputs bit for bit, and targets as near as two sines are.

public import Core
public import Random
public import Tree

/// Inputs and targets: the i-th along axis 0 belong together.
public struct Examples: PyTree {
  /// The inputs, `[n, …]`.
  public var x: Tensor
  /// The targets, `[n, …]`.
  public var y: Tensor

  /// The examples of these inputs and targets.
  public init(x: Tensor, y: Tensor) throws {
    guard x.rank > 0, y.rank > 0, x.shape[0] == y.shape[0] else {
      throw TrainingError.badArgument(
        "inputs and targets need a common first axis, got \(x.aval) and \(y.aval)")
    }
    (self.x, self.y) = (x, y)
  }

  /// The examples of a function at these inputs, all at once.
  public init(_ x: Tensor, _ function: (Tensor) throws -> Tensor) throws {
    try self.init(x: x, y: function(x))
  }

  /// Leaves: inputs, targets.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("x", &x)
    visitor.field("y", &y)
  }

  /// How many there are.
  public var count: Int { x.shape[0] }

  /// Those at `places`, `i32[m]`, in that order.
  public func at(_ places: Tensor) throws -> Examples {
    try Examples(x: take(x, places, axis: 0), y: take(y, places, axis: 0))
  }

  /// Those of a range of places.
  public func at(_ places: Range<Int>) throws -> Examples {
    try Examples(
      x: slice(x, axis: 0, from: places.lowerBound, to: places.upperBound),
      y: slice(y, axis: 0, from: places.lowerBound, to: places.upperBound))
  }
}

extension Examples {
  /// `count` points of y = sin 2x with normal noise of deviation 0.1; x is uniform in [−3, 3).
  public static func noisySine(_ count: Int, inputs: Key, noise: Key) throws -> Examples {
    let x = try inputs.uniform([count, 1], from: -3, to: 3)
    return try Examples(x: x, y: sin(2 * x) + 0.1 * noise.normal([count, 1]))
  }

  /// Two sets of the noisy sine, from four parts of `key`.
  public static func noisySine(
    training: Int, validation: Int, key: Key
  ) throws -> (training: Examples, validation: Examples) {
    let keys = try key.split(4)
    return (
      try noisySine(training, inputs: keys[0], noise: keys[1]),
      try noisySine(validation, inputs: keys[2], noise: keys[3])
    )
  }
}
