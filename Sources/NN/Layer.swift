// What a layer needs in order to be called: nothing, a key, a state, or both.
//
// A layer states its need by the protocol it adopts, and writes the one call that goes with it; the
// call with everything, which a container of layers uses, is then given. A container needs to know
// nothing of its layers: it hands the key and the state to each.

public import Core
public import Random
public import Tree

/// A function of one tensor with parameters.
public protocol Layer: Module {
  /// The result at `x`.
  ///
  /// `key` is there for those that draw random numbers, `state` for those that remember.
  func callAsFunction(_ x: Tensor, key: Key?, state: inout State) throws -> Tensor
}

/// A layer whose result depends on its input alone: `Linear`, `LayerNorm`.
public protocol PlainLayer: Layer {
  /// The result at `x`.
  func callAsFunction(_ x: Tensor) throws -> Tensor
}

/// A layer that draws random numbers: `Dropout`.
public protocol RandomLayer: Layer {
  /// The result at `x` with the numbers of `key`.
  func callAsFunction(_ x: Tensor, key: Key?) throws -> Tensor
}

/// A layer that reads and writes a state: `BatchNorm`.
public protocol StatefulLayer: Layer {
  /// The result at `x`; `state` is then the new one.
  func callAsFunction(_ x: Tensor, state: inout State) throws -> Tensor
}

extension PlainLayer {
  /// The result at `x`; key and state are not needed.
  public func callAsFunction(_ x: Tensor, key: Key?, state: inout State) throws -> Tensor {
    try self(x)
  }
}

extension RandomLayer {
  /// The result at `x`; the state is not needed.
  public func callAsFunction(_ x: Tensor, key: Key?, state: inout State) throws -> Tensor {
    try self(x, key: key)
  }
}

extension StatefulLayer {
  /// The result at `x`; the key is not needed.
  public func callAsFunction(_ x: Tensor, key: Key?, state: inout State) throws -> Tensor {
    try self(x, state: &state)
  }
}
