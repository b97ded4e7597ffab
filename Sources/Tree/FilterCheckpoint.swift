// Memory against time, and closures against arguments, for functions of trees.

public import Core

/// `f`, whose intermediate values are not kept for the backward pass but computed again in it.
///
/// Values and derivatives are those of `f`; leaves that are no tensors go in and come out as they
/// are.
public func filterCheckpoint<each A: PyTree, R: PyTree>(
  _ f: @escaping (repeat each A) throws -> R
) -> (repeat each A) throws -> R {
  { (arguments: repeat each A) in
    let inputs = Unpacked(Tuple(repeat each arguments), where: isArray)
    let slot = Slot<Unpacked<R>>()
    let recomputed = checkpoint { xs in
      let result = Unpacked(try f(repeat each inputs.packed(xs).elements), where: isArray)
      slot.store(result)
      return result.tensors
    }
    let outs = try recomputed(inputs.tensors)
    return try slot.value().packed(outs)
  }
}

/// A function of trees whose closed-over tensors are leaves: a tree that is called like the function.
///
/// It takes arguments of the structure and the types of the example that it was made with.
public struct ConvertedClosure<each A: PyTree, R: PyTree>: Module {
  /// The tensors that the function closes over.
  public var free: [Tensor]
  private let program: Program

  /// What was traced: two are equal if they come from one conversion.
  private final class Program: Hashable, Sendable, CustomStringConvertible {
    let key: ArgumentsKey
    let converted: @Sendable ([Tensor]) throws -> [Tensor]
    let result: Unpacked<R>

    init(
      _ key: ArgumentsKey, _ converted: @escaping @Sendable ([Tensor]) throws -> [Tensor],
      _ result: Unpacked<R>
    ) {
      (self.key, self.converted, self.result) = (key, converted, result)
    }

    var description: String { "<program>" }

    static func == (a: Program, b: Program) -> Bool { a === b }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  }

  fileprivate init(
    _ f: (repeat each A) throws -> R, _ example: repeat each A
  ) throws {
    let inputs = Unpacked(Tuple(repeat each example), where: isArray)
    let slot = Slot<Unpacked<R>>()
    let (converted, free) = try closureConvert(
      { xs in
        let result = Unpacked(try f(repeat each inputs.packed(xs).elements), where: isArray)
        slot.store(result)
        return result.tensors
      }, inputs.tensors.map(\.aval))
    self.free = free
    program = Program(ArgumentsKey(inputs.tree.treeDef, inputs.leaves), converted, try slot.value())
  }

  /// Shows the tensors; the program is structure.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("free", &free)
    visitor.constant("program", program)
  }

  /// The result of the function.
  /// - Throws: `TreeError` for arguments of another structure than the example's.
  public func callAsFunction(_ arguments: repeat each A) throws -> R {
    let (leaves, definition) = Tuple(repeat each arguments).flatten()
    guard ArgumentsKey(definition, leaves) == program.key else {
      throw TreeError.badArgument(
        "the closure was converted for other arguments: their structure, leaves that are no tensors "
          + "and types of tensors must be those of the example")
    }
    return try program.result.packed(program.converted(free + leaves.compactMap(\.tensor)))
  }
}

/// `f`, with every tensor that it closes over as a leaf of the result.
///
/// - Parameter example: arguments of the structure and types that the result is called with; their
///   values do not matter.
public func filterClosureConvert<each A: PyTree, R: PyTree>(
  _ f: (repeat each A) throws -> R, _ example: repeat each A
) throws -> ConvertedClosure<repeat each A, R> {
  try ConvertedClosure(f, repeat each example)
}
