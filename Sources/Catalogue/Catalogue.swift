// Which programs exist, and what a program of that name and those parameters computes.
//
// docs/Fixtures.md is the contract: the tables there name each program, its operands and the order
// of its operations. Each family states its entries in its own file; a name stands in one of them.
// Invariant: a program that `program(named:parameters:)` returns never crashes on foreign operands;
// it throws.

internal import Core

/// The programs that fixtures and the command line name.
public enum Catalogue {
  /// The program under `name` in docs/Fixtures.md with `parameters`, a JSON object.
  /// - Throws: `CatalogueError` for an unknown name and for parameters that do not fit it.
  public static func program(named name: String, parameters: String = "{}") throws -> Program {
    guard let entry = entries[name] else {
      throw CatalogueError(program: name, message: "no program has this name")
    }
    let function = try entry.build(ParameterText(program: name, json: parameters))
    return Program(name: name, parameters: parameters) { operands in
      guard entry.arity.contains(operands.count) else {
        throw CatalogueError(
          program: name, message: "takes \(entry.arityText), got \(operands.count) operands")
      }
      return try function(operands)
    }
  }

  /// Every name, sorted.
  public static let names: [String] = entries.keys.sorted()

  private static let entries: [String: Entry] = {
    let families = [
      primitiveEntries, compositeEntries, networkEntries, transformEntries,
      indexingEntries, controlEntries, randomEntries, secondEntries, layerEntries,
      statefulEntries, scheduleEntries, lossEntries, optimiserEntries,
    ]
    return families.reduce(into: [:]) { all, family in
      all.merge(family) { _, _ in preconditionFailure("two programs share a name") }
    }
  }()
}

/// Why a program cannot be had or run.
public struct CatalogueError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name that was asked for.
  public let program: String
  /// What is wrong.
  public let message: String

  init(program: String, message: String) {
    self.program = program
    self.message = message
  }

  /// One line.
  public var description: String { "program '\(program)': \(message)" }
}

/// Operands in, results out.
typealias Function = @Sendable ([Tensor]) throws -> [Tensor]

/// A program of the tables before its parameters are known.
struct Entry: Sendable {
  /// How many operands it takes.
  let arity: ClosedRange<Int>
  /// Its function for parameters.
  let build: @Sendable (ParameterText) throws -> Function

  /// A program with parameters `P`.
  init<P: ParameterSet>(
    _ arity: ClosedRange<Int>, _: P.Type, _ build: @escaping @Sendable (P) throws -> Function
  ) {
    self.arity = arity
    self.build = { try build($0.decode(P.self)) }
  }

  /// A program with one result and without parameters.
  init(_ arity: Int, _ function: @escaping @Sendable ([Tensor]) throws -> Tensor) {
    self.init(arity...arity, NoParameters.self) { _ in { [try function($0)] } }
  }

  fileprivate var arityText: String {
    switch (arity.lowerBound, arity.upperBound) {
    case (let low, let high) where low == high: "\(low) operand\(low == 1 ? "" : "s")"
    case (let low, Int.max): "\(low) operands or more"
    case (let low, let high): "\(low) to \(high) operands"
    }
  }
}
