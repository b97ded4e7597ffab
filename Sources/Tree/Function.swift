// Functions as leaves: an activation is part of a model, and no array.
//
// Closures cannot be compared, so a function is an object with a name and equal only to itself; the
// library's functions are one object each. Two default MLPs therefore have the same cache key, and
// two MLPs with closures of their own have not (rule JT-05).

public import Core

/// A named function of tensors, compared by identity: `.relu`, or one of your own.
public struct Function: Sendable {
  private final class Object: Sendable {
    let name: String
    let body: @Sendable ([Tensor]) throws -> [Tensor]

    init(_ name: String, _ body: @escaping @Sendable ([Tensor]) throws -> [Tensor]) {
      self.name = name
      self.body = body
    }
  }

  private let object: Object

  /// A function of several tensors.
  public init(ofMany name: String, _ body: @escaping @Sendable ([Tensor]) throws -> [Tensor]) {
    object = Object(name, body)
  }

  /// A function of one tensor.
  public init(_ name: String, _ body: @escaping @Sendable (Tensor) throws -> Tensor) {
    object = Object(name) { xs in
      guard let x = xs.first, xs.count == 1 else {
        throw TraceError.badArgument("\(name) takes one tensor, got \(xs.count)")
      }
      return [try body(x)]
    }
  }

  /// How it is printed.
  public var name: String { object.name }

  /// The results at `xs`.
  public func callAsFunction(_ xs: [Tensor]) throws -> [Tensor] { try object.body(xs) }

  /// The only result at `x`.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    let results = try object.body([x])
    guard let result = results.first, results.count == 1 else {
      throw TraceError.badArgument("\(name) gave \(results.count) results where one was needed")
    }
    return result
  }
}

/// A function of one tensor between layers.
public typealias Activation = Function

extension Function: Hashable {
  /// Whether both are the same object.
  public static func == (a: Function, b: Function) -> Bool { a.object === b.object }

  /// Hashes the identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(object)) }
}

extension Function: CustomStringConvertible {
  /// As Equinox prints a function.
  public var description: String { "<function \(name)>" }
}

extension Function {
  /// max(x, 0)
  public static let relu = Function("relu") { try Core.relu($0) }
  /// min(max(x, 0), 6)
  public static let relu6 = Function("relu6") { try Core.relu6($0) }
  /// x, or slope · x below 0
  public static let leakyRelu = Function("leaky_relu") { try Core.leakyRelu($0) }
  /// x clipped to [−1, 1]
  public static let hardTanh = Function("hard_tanh") { try Core.hardTanh($0) }
  /// x, or eˣ − 1 below 0
  public static let elu = Function("elu") { try Core.elu($0) }
  /// 1 / (1 + e⁻ˣ)
  public static let sigmoid = Function("sigmoid") { try Core.sigmoid($0) }
  /// x / (1 + e⁻ˣ)
  public static let silu = Function("silu") { try Core.silu($0) }
  /// ln(1 + eˣ)
  public static let softplus = Function("softplus") { try Core.softplus($0) }
  /// x Φ(x), in the approximation by tanh, as JAX's default
  public static let gelu = Function("gelu") { try Core.gelu($0) }
  /// tanh x
  public static let tanh = Function("tanh") { try Core.tanh($0) }
  /// x
  public static let identity = Function("identity") { $0 }
}
