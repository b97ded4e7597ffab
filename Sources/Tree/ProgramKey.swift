// What a cached program is good for: everything but the values of tensors, and the backend that
// compiled it.
//
// A call whose arguments fit the program that ran last is told so entry by entry, without hashing and
// without a definition of its own; the key is made, and hashed, only when they do not.

import Core

/// Arguments without the values of their tensors.
struct ArgumentsKey: Hashable, Sendable {
  private enum Input: Hashable {
    case tensor(ShapedArray)
    case value(StaticValue?)

    init(_ leaf: Leaf) {
      if case .tensor(let tensor) = leaf {
        self = .tensor(tensor.aval)
      } else {
        self = .value(leaf.staticValue)
      }
    }
  }

  private let definition: TreeDef
  private let inputs: [Input]

  init(_ definition: TreeDef, _ leaves: [Leaf]) {
    self.definition = definition
    inputs = leaves.map(Input.init)
  }

  /// Whether the key of what was visited would equal this one.
  func fits(_ visitor: FieldVisitor) -> Bool {
    let leaves = visitor.leaves
    guard inputs.count == leaves.count, definition.record == visitor.record else { return false }
    return inputs.indices.allSatisfy { k in
      switch (inputs[k], leaves[k]) {
      case (.tensor(let aval), .tensor(let tensor)): aval == tensor.aval
      case (.value(let value), let leaf): value == leaf.staticValue
      case (.tensor, _): false
      }
    }
  }

  /// Makes room for what a visit of such arguments will find.
  func reserve(in visitor: FieldVisitor) {
    visitor.leaves.reserveCapacity(inputs.count)
    visitor.record.reserve(as: definition.record)
  }
}

/// What a compiled program is good for.
struct ProgramKey: Hashable, Sendable {
  let arguments: ArgumentsKey
  /// The name of the backend that compiles it.
  let backend: String

  init(_ definition: TreeDef, _ leaves: [Leaf]) {
    arguments = ArgumentsKey(definition, leaves)
    backend = Context.backend.name
  }

  /// Whether the key of what was visited would equal this one.
  func fits(_ visitor: FieldVisitor) -> Bool {
    arguments.fits(visitor) && backend == Context.backend.name
  }
}

/// A visit that flattens the arguments as those of one tuple; `key` says what it will find, if it is
/// right.
func visited<each A: PyTree>(
  as key: ArgumentsKey?, _ arguments: repeat each A
) -> FieldVisitor {
  let visitor = FieldVisitor(.flatten)
  key?.reserve(in: visitor)
  var count = 0
  for _ in repeat each arguments { count += 1 }
  visitor.announce(.tuple, count)
  for argument in repeat each arguments {
    var argument = argument
    visitor.walk(&argument)
  }
  return visitor
}
