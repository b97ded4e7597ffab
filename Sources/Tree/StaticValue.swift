// Structure that is data: the constants of a module, and leaves that are no arrays, as cache keys.
//
// Equality is strict by type and bit pattern (rule JT-03): 1, 1.0, true, 0.0 and −0.0 are five
// values, and a NaN equals itself. Python's == would share a cache entry between them.

/// A hashable value that equals only values of its own type and bits.
public struct StaticValue: Sendable {
  @usableFromInline enum Content: Sendable {
    case bool(Bool)
    case int(Int)
    case bits(UInt64)
    case string(String)
    case function(Function)
    case other(any Hashable & Sendable)
  }

  let content: Content

  @usableFromInline init(_ content: Content) { self.content = content }

  /// The strict form of `value`.
  public init(_ value: Bool) { content = .bool(value) }
  /// The strict form of `value`.
  public init(_ value: Int) { content = .int(value) }
  /// The strict form of `value`.
  public init(_ value: Double) { content = .bits(value.bitPattern) }
  /// The strict form of `value`.
  public init(_ value: String) { content = .string(value) }
  /// The strict form of `value`.
  public init<S: Hashable & Sendable>(_ value: S) { self.init(any: value) }

  /// The strict form of a value of any type, found out at run time.
  public init<S: Hashable & Sendable>(any value: S) {
    switch value {
    case let value as Bool: content = .bool(value)
    case let value as Int: content = .int(value)
    case let value as Double: content = .bits(value.bitPattern)
    case let value as String: content = .string(value)
    case let value as Function: content = .function(value)
    case let value as Float: content = .other(FloatBits(bits: value.bitPattern))
    // An empty array of anything can be cast to one of anything else.
    case let value as [Double] where S.self == [Double].self:
      content = .other(ManyBits(bits: value.map(\.bitPattern)))
    case _: content = .other(value)
    }
  }

  /// The constant itself.
  public var value: any Hashable & Sendable {
    switch content {
    case .bool(let value): value
    case .int(let value): value
    case .bits(let bits): Double(bitPattern: bits)
    case .string(let value): value
    case .function(let value): value
    case .other(let value as FloatBits): Float(bitPattern: value.bits)
    case .other(let value as ManyBits): value.bits.map { Double(bitPattern: $0) }
    case .other(let value): value
    }
  }
}

/// A `Float` that is compared by its bits.
private struct FloatBits: Hashable { let bits: UInt32 }

/// Some `Double`s that are compared by their bits.
private struct ManyBits: Hashable { let bits: [UInt64] }

extension StaticValue: Hashable {
  /// Whether both have the same type and the same bits.
  public static func == (a: StaticValue, b: StaticValue) -> Bool {
    switch (a.content, b.content) {
    case (.bool(let x), .bool(let y)): x == y
    case (.int(let x), .int(let y)): x == y
    case (.bits(let x), .bits(let y)): x == y
    case (.string(let x), .string(let y)): x == y
    case (.function(let x), .function(let y)): x == y
    case (.other(let x), .other(let y)): same(x, y)
    case (.bool, _), (.int, _), (.bits, _), (.string, _), (.function, _), (.other, _): false
    }
  }

  /// Hashes the value.
  public func hash(into hasher: inout Hasher) {
    switch content {
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(value)
    case .bits(let bits): hasher.combine(bits)
    case .string(let value): hasher.combine(value)
    case .function(let value): hasher.combine(value)
    case .other(let value): value.hash(into: &hasher)
    }
  }
}

/// Whether `y` has the type of `x` and equals it.
private func same<S: Hashable>(_ x: S, _ y: any Hashable & Sendable) -> Bool {
  type(of: y) == S.self && (y as? S) == x
}

extension StaticValue: CustomStringConvertible {
  /// As Python prints the value where it has one of that kind.
  public var description: String {
    switch content {
    case .bool(let value): value ? "True" : "False"
    case .int(let value): "\(value)"
    case .bits(let bits): "\(Double(bitPattern: bits))"
    case .string(let value): pythonText(value)
    case .function(let value): value.description
    case .other: Self.text(value)
    }
  }

  /// Without Swift's `Optional(…)`, and lists with their elements as Python has them.
  private static func text(_ value: Any) -> String {
    if let text = value as? String { return pythonText(text) }
    if let isTrue = value as? Bool { return isTrue ? "True" : "False" }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      return mirror.children.first.map { text($0.value) } ?? "None"
    }
    if mirror.displayStyle == .collection {
      return "[" + mirror.children.map { text($0.value) }.joined(separator: ", ") + "]"
    }
    return "\(value)"
  }
}
