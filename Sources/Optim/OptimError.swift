// What can be wrong when an optimiser is called.

public import Tree

/// Why a gradient transformation refused.
public enum OptimError: Error, Hashable, CustomStringConvertible {
  /// Parameters hold something that is no array here.
  case notAnArray(TreePath, LeafKind)
  /// One of two trees has a tensor here and the other has none: the state was made from other
  /// parameters than those that have a gradient.
  case unpaired(TreePath)
  /// The transformation needs the parameters, and was called without.
  case needsParameters(String)
  /// The transformation evaluates the objective, and was called without.
  case needsObjective(String)
  /// An argument that makes no transformation.
  case badArgument(String)

  /// One lower-case sentence: what was required, what came, what to do.
  public var description: String {
    switch self {
    case .notAnArray(let path, let kind):
      "\(path): an optimiser is initialised with arrays, got \(kind); pass the model itself, or "
        + "filter(model, isInexactArray)"
    case .unpaired(let path):
      "\(path): there is a tensor on one side only; initialise with the leaves that have a gradient: "
        + "the model itself, or filter(model, isInexactArray)"
    case .needsParameters(let name):
      "\(name) computes with the parameters; pass the model as the last argument of update"
    case .needsObjective(let name):
      "\(name) evaluates the function that is minimised; call update with value: and function:"
    case .badArgument(let message): message
    }
  }
}
