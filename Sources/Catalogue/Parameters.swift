// The JSON parameters of programs: one struct per shape of parameters, keys as lax spells them.
//
// Invariant: an unknown key is an error like a missing one, so that a misspelt parameter never
// passes for its default.

import Core
import Foundation

/// The parameters of a program as a fixture states them.
struct ParameterText: Sendable {
  let program: String
  let json: String

  /// The parameters as `P`.
  func decode<P: ParameterSet>(_: P.Type) throws -> P {
    let data = Data(json.utf8)
    do {
      let given = try JSONDecoder().decode(KeyList.self, from: data).keys
      if let unknown = given.first(where: { !P.keys.contains($0) }) {
        throw CatalogueError(program: program, message: "has no parameter '\(unknown)': \(json)")
      }
      return try JSONDecoder().decode(P.self, from: data)
    } catch let error as DecodingError {
      throw CatalogueError(program: program, message: "\(explain(error)): \(json)")
    }
  }

  /// An error about the values of parameters that decode.
  func refused(_ why: String) -> CatalogueError {
    CatalogueError(program: program, message: "\(why): \(json)")
  }

  private func explain(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.first.map { "parameter '\($0.stringValue)'" } ?? "the parameters"
    }
    switch error {
    case .keyNotFound(let key, _): return "needs the parameter '\(key.stringValue)'"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "\(place(context.codingPath)) has the wrong type"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty
        ? "the parameters are not JSON" : "\(place(context.codingPath)) has no meaning here"
    @unknown default: return "the parameters cannot be read"
    }
  }
}

/// Parameters with a closed list of keys.
protocol ParameterSet: Decodable, Sendable {
  /// Every key that may appear.
  static var keys: Set<String> { get }
}

/// The keys of a JSON object in a fixed order.
private struct KeyList: Decodable {
  struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  let keys: [String]

  init(from decoder: any Decoder) throws {
    keys = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted()
  }
}

/// A dtype under JAX's short name.
struct DTypeName: Decodable, Sendable {
  let dtype: DType

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let dtype = DType(rawValue: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a dtype")
    }
    self.dtype = dtype
  }
}

struct NoParameters: ParameterSet {
  static let keys: Set<String> = []
}

struct RoundingMethod: ParameterSet {
  static let keys: Set = ["rounding_method"]
  let rounding_method: Int
}

struct ExponentParameter: ParameterSet {
  static let keys: Set = ["y"]
  let y: Int
}

struct OrderParameter: ParameterSet {
  static let keys: Set = ["order"]
  let order: Int
}

struct PrecisionParameters: ParameterSet {
  static let keys: Set = ["exponent_bits", "mantissa_bits"]
  let exponent_bits: Int
  let mantissa_bits: Int
}

struct NewDType: ParameterSet {
  static let keys: Set = ["new_dtype"]
  let new_dtype: DTypeName
}

struct BroadcastParameters: ParameterSet {
  static let keys: Set = ["broadcast_dimensions", "shape"]
  let broadcast_dimensions: [Int]
  let shape: [Int]
}

struct NewSizes: ParameterSet {
  static let keys: Set = ["new_sizes"]
  let new_sizes: [Int]
}

struct Permutation: ParameterSet {
  static let keys: Set = ["permutation"]
  let permutation: [Int]
}

struct Dimensions: ParameterSet {
  static let keys: Set = ["dimensions"]
  let dimensions: [Int]
}

struct Dimension: ParameterSet {
  static let keys: Set = ["dimension"]
  let dimension: Int
}

struct SliceParameters: ParameterSet {
  static let keys: Set = ["limit_indices", "start_indices", "strides"]
  let limit_indices: [Int]
  let start_indices: [Int]
  let strides: [Int]
}

struct PaddingParameters: ParameterSet {
  static let keys: Set = ["padding_config"]
  let padding_config: [[Int]]
}

struct IotaParameters: ParameterSet {
  static let keys: Set = ["dimension", "dtype", "shape"]
  let dimension: Int
  let dtype: DTypeName
  let shape: [Int]
}

struct AxesParameter: ParameterSet {
  static let keys: Set = ["axes"]
  let axes: [Int]
}

struct ArgReduceParameters: ParameterSet {
  static let keys: Set = ["axis", "index_dtype"]
  let axis: Int
  let index_dtype: DTypeName
}

struct CumulativeParameters: ParameterSet {
  static let keys: Set = ["axis", "reverse"]
  let axis: Int
  let reverse: Bool
}

struct SortParameters: ParameterSet {
  static let keys: Set = ["dimension", "num_keys"]
  let dimension: Int
  let num_keys: Int
}

struct TopKParameters: ParameterSet {
  static let keys: Set = ["axis", "k"]
  let axis: Int
  let k: Int
}

struct SplitParameters: ParameterSet {
  static let keys: Set = ["axis", "sizes"]
  let axis: Int
  let sizes: [Int]
}

struct DotParameters: ParameterSet {
  static let keys: Set = ["dimension_numbers"]
  let dimension_numbers: [[[Int]]]
}

struct AxisParameter: ParameterSet {
  static let keys: Set = ["axis"]
  let axis: Int
}

struct VarianceParameters: ParameterSet {
  static let keys: Set = ["axis", "ddof"]
  let axis: Int?
  let ddof: Int
}

struct ClipParameters: ParameterSet {
  static let keys: Set = ["hi", "lo"]
  let hi: Double
  let lo: Double
}

struct ActivationNames: ParameterSet {
  static let keys: Set = ["activations"]
  let activations: [String]
}

struct EpsilonParameter: ParameterSet {
  static let keys: Set = ["eps"]
  let eps: Double
}

struct StepsParameter: ParameterSet {
  static let keys: Set = ["steps"]
  let steps: Int
}

struct FunctionName: ParameterSet {
  static let keys: Set = ["function"]
  let function: String
}

struct NthDerivativeParameters: ParameterSet {
  static let keys: Set = ["function", "order"]
  let function: String
  let order: Int
}

struct MappedAxesParameters: ParameterSet {
  static let keys: Set = ["function", "in_axes", "out_axes"]
  let function: String
  let in_axes: [Int?]
  let out_axes: Int?
}
