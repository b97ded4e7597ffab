// What can be wrong with a layer: its arguments, or what it is called with.

/// Why a layer refused.
public enum LayerError: Error, Hashable, CustomStringConvertible {
  /// An argument of an initialiser that makes no layer.
  case badArgument(String)
  /// An input of a shape or dtype that the layer does not take.
  case badInput(String)
  /// A layer that draws random numbers was called without a key.
  case missingKey(String)

  /// What was required and what came.
  public var description: String {
    switch self {
    case .badArgument(let message), .badInput(let message): message
    case .missingKey(let layer):
      "\(layer) requires a key when running in non-deterministic mode"
    }
  }
}
