// Why training cannot go on, as a value: one sentence or two, which name what was met.

/// Why training cannot begin or go on.
public enum TrainingError: Error, CustomStringConvertible {
  /// What was asked for has no meaning.
  case badArgument(String)
  /// A number of a step is none.
  case nonFinite(NonFiniteReport)

  /// The sentence.
  public var description: String {
    switch self {
    case .badArgument(let words): words
    case .nonFinite(let report): report.description
    }
  }
}
