// The parameters of the programs of losses.h5 and optim.h5: the keyword arguments of a function of Optax.
//
// A program states which keywords it knows; another one is an error, as is a value of another kind.
// A keyword that a fixture leaves out has the function's own default.

import Core

/// Keyword arguments under `args`, and the dtype that a schedule computes in.
struct KeywordParameters: ParameterSet {
  static let keys: Set = ["args", "dtype"]
  let args: [String: KeywordValue]
  let dtype: DTypeName?

  /// Throws unless every keyword is among `known`.
  func check(_ program: String, _ known: Set<String>) throws {
    if let unknown = args.keys.sorted().first(where: { !known.contains($0) }) {
      throw CatalogueError(program: program, message: "has no argument '\(unknown)'")
    }
  }

  /// A number, if it is given.
  func number(_ key: String) throws -> Double? { try args[key]?.number(key) }

  /// A number, or the default.
  func number(_ key: String, _ otherwise: Double) throws -> Double {
    try number(key) ?? otherwise
  }

  /// A whole number, or the default.
  func whole(_ key: String, _ otherwise: Int? = nil) throws -> Int {
    guard let given = try number(key) else {
      guard let otherwise else { throw KeywordValue.wrong(key, "a whole number") }
      return otherwise
    }
    guard let whole = Int(exactly: given) else { throw KeywordValue.wrong(key, "a whole number") }
    return whole
  }

  /// A number that has no default.
  func required(_ key: String) throws -> Double {
    guard let given = try number(key) else { throw KeywordValue.wrong(key, "a number") }
    return given
  }

  /// Yes or no, or the default.
  func flag(_ key: String, _ otherwise: Bool) throws -> Bool {
    guard let value = args[key] else { return otherwise }
    guard case .flag(let flag) = value else { throw KeywordValue.wrong(key, "true or false") }
    return flag
  }

  /// A word, if it is given.
  func word(_ key: String) throws -> String? {
    guard let value = args[key] else { return nil }
    guard case .word(let word) = value else { throw KeywordValue.wrong(key, "a word") }
    return word
  }

  /// A list, or none.
  func list(_ key: String) throws -> [KeywordValue] {
    guard let value = args[key] else { return [] }
    guard case .list(let list) = value else { throw KeywordValue.wrong(key, "a list") }
    return list
  }

  /// Axes: one, several, all for null; the last without.
  func axes(_ key: String = "axis") throws -> [Int]? {
    guard let value = args[key] else { return [-1] }
    switch value {
    case .none: return nil
    case .list(let list): return try list.map { Int(try $0.number(key)) }
    case .number, .flag, .word, .table: return [try whole(key)]
    }
  }
}

/// A value as JSON has it.
indirect enum KeywordValue: Decodable, Sendable {
  case none
  case flag(Bool)
  case number(Double)
  case word(String)
  case list([KeywordValue])
  case table([String: KeywordValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .none
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let word = try? container.decode(String.self) {
      self = .word(word)
    } else if let list = try? container.decode([KeywordValue].self) {
      self = .list(list)
    } else {
      self = .table(try container.decode([String: KeywordValue].self))
    }
  }

  /// The number that it is.
  func number(_ key: String) throws -> Double {
    guard case .number(let number) = self else { throw Self.wrong(key, "a number") }
    return number
  }

  static func wrong(_ key: String, _ kind: String) -> CatalogueError {
    CatalogueError(program: "optax", message: "the argument '\(key)' must be \(kind)")
  }
}

extension Catalogue {
  /// The program `optax_<name>`, which knows the keywords `known`.
  static func optaxEntry(
    _ name: String, _ known: Set<String>, _ arity: ClosedRange<Int>,
    _ build: @escaping @Sendable (KeywordParameters) throws -> Function
  ) -> (String, Entry) {
    (
      "optax_\(name)",
      Entry(arity, KeywordParameters.self) { p in
        try p.check(name, known)
        return try build(p)
      }
    )
  }
}
