// What can be wrong with a state: each error names the place, as `BatchNorm.batchCounter`.

import Core
import Tree

/// Why a state was refused.
public enum StateError: Error, Hashable, CustomStringConvertible {
  /// The state holds nothing under this path.
  case unknown(String)
  /// The index has never been through `makeWithState`, or a model twice.
  case unbound(String)
  /// The state was made for another model: under this path it holds another kind of value.
  case foreign(String, holds: String, expected: String)
  /// A value that differs from the old one in structure, shape or dtype.
  case shape(String, old: String, new: String)
  /// A value newer than the part of the state that was to overwrite it.
  case stale(String)
  /// A value that differs from example to example.
  case varies(String)

  /// What was required, what came, what to do.
  public var description: String {
    switch self {
    case .unknown(let path):
      "\(path): the state holds nothing here; it belongs to another model, or the model was not "
        + "built with makeWithState"
    case .unbound(let message): message
    case .foreign(let path, let holds, let expected):
      "\(path): the state holds \(holds), this model needs \(expected); take the state that "
        + "makeWithState returned with the model"
    case .shape(let path, let old, let new):
      "\(path): old and new values have different structures, shapes or dtypes; the old value is "
        + "\(old) and the new value is \(new)"
    case .stale(let path):
      "\(path): the state was set after this part of it was taken; update would lose the newer "
        + "value: take the substate again"
    case .varies(let path):
      "state \(path) differs across the mapped axis; reduce it with pmean(_:axisName:) before "
        + "storing it, or map the state too with states: .perExample"
    }
  }
}

/// The types of the leaves of a state's value, as errors print them: `(f32[3], f32[3])`.
func typeText<V: PyTree>(_ value: V) -> String {
  let texts = value.leaves.map { leaf in leaf.tensor.map { "\($0.aval)" } ?? leaf.kind.rawValue }
  return texts.count == 1 ? texts[0] : "(\(texts.joined(separator: ", ")))"
}

/// Whether both values have one structure, and leaves of one type.
func haveOneType<A: PyTree, B: PyTree>(_ a: A, _ b: B) -> Bool {
  let (x, y) = (a.flatten(), b.flatten())
  return x.treeDef == y.treeDef
    && zip(x.leaves, y.leaves).allSatisfy {
      $0.kind == $1.kind && $0.tensor?.aval == $1.tensor?.aval
    }
}
