// The programs of random.h5: what is drawn from a key.
//
// Operand 0 is the words of the key, u32[2]; arrays to draw from, limits and weights follow. Numbers
// that Python would take as such are parameters.

import Core
import Random

extension Catalogue {
  static let randomEntries: [String: Entry] = {
    keyEntries.merging(wholeNumberEntries) { one, _ in one }
      .merging(selectionEntries) { one, _ in one }
      .merging(continuousEntries) { one, _ in one }
  }()

  private static var keyEntries: [String: Entry] {
    [
      "random_key": Entry(0...0, SeedParameters.self) { p in
        { _ in [try copy(Key(p.seed, x64: p.x64).data)] }
      },
      "random_split": drawn(ShapeParameter.self) { try $0.keys($1.shape) },
      "random_fold_in": Entry(2) { try Key(data: $0[0]).foldIn($0[1]).data },
      "random_bits": drawn(ShapeParameter.self) { try $0.bits($1.shape) },
      "random_bits64": Entry(1...1, ShapeParameter.self) { p in
        {
          let (upper, lower) = try Key(data: $0[0]).bits64(p.shape)
          return [upper, lower]
        }
      },
    ]
  }

  private static var wholeNumberEntries: [String: Entry] {
    [
      "random_bernoulli": drawn(BernoulliParameters.self) {
        try $0.bernoulli($1.p, $1.shape, dtype: $1.drawing.dtype)
      },
      "random_bernoulli_of": Entry(2...2, ShapeParameter.self) { p in
        { [try Key(data: $0[0]).bernoulli($0[1], p.shape)] }
      },
      "random_rademacher": drawn(RademacherParameters.self) {
        try $0.rademacher($1.shape, $1.dtype.dtype, drawing: $1.drawing.dtype)
      },
      "random_geometric": drawn(BernoulliParameters.self) {
        try $0.geometric($1.shape, p: $1.p, drawing: $1.drawing.dtype)
      },
      "random_randint": drawn(RandintParameters.self) {
        try $0.randint($1.shape, from: $1.from, to: $1.to, dtype: $1.dtype.dtype, x64: $1.x64)
      },
      "random_randint_between": Entry(3...3, WordParameters.self) { p in
        { [try Key(data: $0[0]).randint(p.shape, from: $0[1], to: $0[2], x64: p.x64)] }
      },
    ]
  }

  private static var selectionEntries: [String: Entry] {
    [
      "random_permutation": drawn(CountParameter.self) { try $0.permutation($1.count) },
      "random_permutation_of": Entry(2...2, PermutationParameters.self) { p in
        {
          [
            try Key(data: $0[0]).permutation(
              of: $0[1], axis: p.axis, independent: p.independent)
          ]
        }
      },
      "random_choice": Entry(1...2, ChoiceParameters.self) { p in
        {
          [
            try Key(data: $0[0]).choice(
              p.count, p.shape, replace: p.replace, p: $0.dropFirst().first, x64: p.x64)
          ]
        }
      },
      "random_choice_of": Entry(2...3, ChoiceOfParameters.self) { p in
        {
          [
            try Key(data: $0[0]).choice(
              of: $0[1], p.shape, axis: p.axis, replace: p.replace, p: $0.dropFirst(2).first,
              x64: p.x64)
          ]
        }
      },
      "random_categorical": Entry(2...2, CategoricalParameters.self) { p in
        {
          [
            try Key(data: $0[0]).categorical(
              $0[1], axis: p.axis, shape: p.shape, replace: p.replace)
          ]
        }
      },
    ]
  }

  private static var continuousEntries: [String: Entry] {
    let plain: [String: @Sendable (Key) -> (([Int], DType) throws -> Tensor)] = [
      "normal": Key.normal, "exponential": Key.exponential, "gumbel": Key.gumbel,
      "laplace": Key.laplace, "logistic": Key.logistic, "cauchy": Key.cauchy,
      "maxwell": Key.maxwell,
    ]
    var all = [
      "random_uniform": drawn(UniformParameters.self) {
        try $0.uniform(
          $1.shape, $1.dtype.dtype, from: $1.from, to: $1.to, rounding: $1.rounding.value)
      },
      "random_uniform_between": Entry(3...3, ShapeParameter.self) { p in
        { [try Key(data: $0[0]).uniform(p.shape, from: $0[1], to: $0[2])] }
      },
      "random_truncated_normal": drawn(IntervalParameters.self) {
        try $0.truncatedNormal($1.shape, $1.dtype.dtype, from: $1.from, to: $1.to)
      },
      "random_rayleigh": drawn(ScaleParameters.self) {
        try $0.rayleigh($1.shape, $1.dtype.dtype, scale: $1.scale)
      },
      "random_lognormal": drawn(ScaleParameters.self) {
        try $0.lognormal($1.shape, $1.dtype.dtype, sigma: $1.scale)
      },
      "random_pareto": drawn(ScaleParameters.self) {
        try $0.pareto($1.shape, $1.dtype.dtype, b: $1.scale)
      },
      "random_weibull_min": drawn(WeibullParameters.self) {
        try $0.weibullMin(
          $1.shape, $1.dtype.dtype, scale: $1.scale, concentration: $1.concentration)
      },
    ]
    for (name, sampler) in plain {
      all["random_\(name)"] = drawn(TypedShape.self) { try sampler($0)($1.shape, $1.dtype.dtype) }
    }
    return all
  }

  /// A program of the key alone.
  private static func drawn<P: ParameterSet>(
    _: P.Type, _ draw: @escaping @Sendable (Key, P) throws -> Tensor
  ) -> Entry {
    Entry(1...1, P.self) { p in { [try draw(Key(data: $0[0]), p)] } }
  }
}

/// The ways to round an affine map under the names of fixtures.
private enum RoundingName: String, Decodable, Sendable {
  case fused, separate

  var value: UniformRounding {
    switch self {
    case .fused: .fused
    case .separate: .separate
    }
  }
}

private struct SeedParameters: ParameterSet {
  static let keys: Set = ["seed", "x64"]
  let seed: Int
  let x64: Bool
}

private struct ShapeParameter: ParameterSet {
  static let keys: Set = ["shape"]
  let shape: [Int]
}

private struct TypedShape: ParameterSet {
  static let keys: Set = ["dtype", "shape"]
  let dtype: DTypeName
  let shape: [Int]
}

private struct UniformParameters: ParameterSet {
  static let keys: Set = ["dtype", "from", "rounding", "shape", "to"]
  let dtype: DTypeName
  let from: Double
  let rounding: RoundingName
  let shape: [Int]
  let to: Double
}

private struct IntervalParameters: ParameterSet {
  static let keys: Set = ["dtype", "from", "shape", "to"]
  let dtype: DTypeName
  let from: Double
  let shape: [Int]
  let to: Double
}

private struct ScaleParameters: ParameterSet {
  static let keys: Set = ["dtype", "scale", "shape"]
  let dtype: DTypeName
  let scale: Double
  let shape: [Int]
}

private struct WeibullParameters: ParameterSet {
  static let keys: Set = ["concentration", "dtype", "scale", "shape"]
  let concentration: Double
  let dtype: DTypeName
  let scale: Double
  let shape: [Int]
}

private struct BernoulliParameters: ParameterSet {
  static let keys: Set = ["drawing", "p", "shape"]
  let drawing: DTypeName
  let p: Double
  let shape: [Int]
}

private struct RademacherParameters: ParameterSet {
  static let keys: Set = ["drawing", "dtype", "shape"]
  let drawing: DTypeName
  let dtype: DTypeName
  let shape: [Int]
}

private struct RandintParameters: ParameterSet {
  static let keys: Set = ["dtype", "from", "shape", "to", "x64"]
  let dtype: DTypeName
  let from: Int
  let shape: [Int]
  let to: Int
  let x64: Bool
}

private struct WordParameters: ParameterSet {
  static let keys: Set = ["shape", "x64"]
  let shape: [Int]
  let x64: Bool
}

private struct CountParameter: ParameterSet {
  static let keys: Set = ["count"]
  let count: Int
}

private struct PermutationParameters: ParameterSet {
  static let keys: Set = ["axis", "independent"]
  let axis: Int
  let independent: Bool
}

private struct ChoiceParameters: ParameterSet {
  static let keys: Set = ["count", "replace", "shape", "x64"]
  let count: Int
  let replace: Bool
  let shape: [Int]
  let x64: Bool
}

private struct ChoiceOfParameters: ParameterSet {
  static let keys: Set = ["axis", "replace", "shape", "x64"]
  let axis: Int
  let replace: Bool
  let shape: [Int]
  let x64: Bool
}

private struct CategoricalParameters: ParameterSet {
  static let keys: Set = ["axis", "replace", "shape"]
  let axis: Int
  let replace: Bool
  let shape: [Int]?
}
