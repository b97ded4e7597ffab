// What `switchCase` chooses from.
//
// A type of its own, not an array: Swift 6.3.1 lets an array of `@Sendable` functions pass for one of
// plain functions, casts it when the program runs, and stops the program there. In a literal each
// function is converted by itself, and an array does not compile.

/// The functions that an index chooses from: a literal, or one for each of some items.
public struct Branches<Operands, Output>: ExpressibleByArrayLiteral {
  package let functions: [(Operands) throws -> Output]

  /// These functions.
  public init(arrayLiteral functions: ((Operands) throws -> Output)...) {
    self.functions = functions
  }

  /// A branch for each of `items`, which are what tells the branches apart: numbers, layers, or
  /// functions, as in `Branches(functions) { f, x in try f(x) }`.
  public init<Item>(
    _ items: some Sequence<Item>, _ branch: @escaping (Item, Operands) throws -> Output
  ) {
    functions = items.map { item in { try branch(item, $0) } }
  }
}
