// Where a leaf is, in JAX's notation (rule PT-05).
//
// Paths are made only by visits that ask for them; an error finds the path of its leaf by a second
// visit, so that trees without errors never pay.

/// The way from the root of a tree to one of its nodes: `.layers[0].weight`, `['k'][1]`.
public struct TreePath: Hashable, Sendable {
  /// One step.
  public enum Key: Hashable, Sendable {
    /// A property of a module.
    case attribute(String)
    /// A position in an array or a tuple.
    case index(Int)
    /// A key of a dictionary.
    case key(String)
  }

  /// The steps, outermost first; none at the root.
  public var keys: [Key]

  /// The path with these steps.
  public init(_ keys: [Key] = []) { self.keys = keys }

  /// The steps without quotes and brackets: `layers/0/weight`.
  public func simple(separator: String = "/") -> String {
    keys.map(\.simple).joined(separator: separator)
  }

  /// How an error names the place: the path, or the root in words.
  var place: String { keys.isEmpty ? "the root" : description }
}

extension TreePath: CustomStringConvertible {
  /// As JAX's `keystr`.
  public var description: String { keys.map(\.description).joined() }
}

extension TreePath.Key: CustomStringConvertible {
  /// As JAX prints a key: `.name`, `[0]`, `['k']`.
  public var description: String {
    switch self {
    case .attribute(let name): ".\(name)"
    case .index(let i): "[\(i)]"
    case .key(let key): "[\(pythonText(key))]"
    }
  }

  var simple: String {
    switch self {
    case .attribute(let name), .key(let name): name
    case .index(let i): "\(i)"
    }
  }
}

/// `text` as Python's `repr` prints it: `'a'`, `"it's"`, `'\n'`.
func pythonText(_ text: String) -> String {
  let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
  var out = String(quote)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\\": out += "\\\\"
    case "\n": out += "\\n"
    case "\r": out += "\\r"
    case "\t": out += "\\t"
    case quote: out += "\\\(quote)"
    case _ where scalar.value < 0x20 || scalar.value == 0x7f:
      let digits = String(scalar.value, radix: 16)
      out += "\\x" + (digits.count == 1 ? "0" : "") + digits
    case _: out.unicodeScalars.append(scalar)
    }
  }
  return out + String(quote)
}
