// Why training cannot go on, as a value: one sentence or two, which name what was met.

/// Why training cannot begin or go on.
public enum TrainingError: Error, CustomStringConvertible {
  /// What was asked for has no meaning.
  case badArgument(String)
  /// A file cannot be this run's checkpoint: the file, and why.
  case checkpoint(String, String)
  /// A number of a step is none.
  case nonFinite(NonFiniteReport)

  /// The sentence.
  public var description: String {
    switch self {
    case .badArgument(let words): words
    case .checkpoint(let path, let words): "\(path) cannot be resumed: \(words)"
    case .nonFinite(let report): report.description
    }
  }
}
