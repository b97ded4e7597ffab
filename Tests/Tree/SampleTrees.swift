// The trees that the tests use: hand-written modules with every kind of leaf and container.

import Core
import Tree

struct Dense: Module {
  var weight: Tensor
  var bias: Tensor?
  let inFeatures: Int

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
    visitor.constant("inFeatures", inFeatures)
  }
}

struct Net: Module {
  var layers: [Dense]
  var activation: Activation
  var training: Bool
  var rate: Double
  var table: [String: Tensor]

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("layers", &layers)
    visitor.field("activation", &activation)
    visitor.field("training", &training)
    visitor.field("rate", &rate)
    visitor.field("table", &table)
  }
}

extension Dense {
  /// A property that is no part of the tree.
  var inWidth: Int {
    get { inFeatures }
    set {}
  }
}

/// A module with one constant of any type.
struct Marked<Constant: Hashable & Sendable>: Module {
  var x: Tensor
  let constant: Constant

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("x", &x)
    visitor.constant("constant", constant)
  }
}

func net() -> Net {
  Net(
    layers: [
      Dense(weight: Tensor([[1, 2], [3, 4]]), bias: Tensor([5, 6]), inFeatures: 2),
      Dense(weight: Tensor([[7, 8]]), bias: nil, inFeatures: 2),
    ],
    activation: .relu, training: true, rate: 0.5,
    table: ["b": Tensor([9]), "a": Tensor(shape: [1], .i32([10]))])
}

/// The leaves as text, to compare.
func texts(_ leaves: [Leaf]) -> [String] { leaves.map { "\($0)" } }

/// The text of the error that `body` throws, or a sentence that says it threw none.
func message(of body: () throws -> some Any) -> String {
  do { return "no error, but \(try body())" } catch { return "\(error)" }
}
