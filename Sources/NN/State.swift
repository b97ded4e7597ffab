// The state of a model: the values that a call may change, beside the parameters.
//
// Equinox consumes the receiver of `set`, so that nobody goes on with an old state by accident. Here
// a layer takes the state `inout`: there is one state, and after the call it is the new one. A copy
// (`var other = state`) is Equinox's deliberate clone, and lives its own life (ST-02, ST-06). What
// stays possible is to lose an update through a part of a state that was taken before: `update`
// refuses it. Invariant: an operation that throws leaves the state as it was (ST-03).

import Core
import Synchronization
public import Tree

/// Values under the paths of the indices of one model, in the model's order.
public struct State: PyTree {
  /// One value.
  struct Slot {
    let path: String
    var value: any PyTree
    /// Which writing made the value: of two equal ones, neither has been set since.
    var revision = 0
    /// In a substate: the revision when it was taken, and a number of the taking.
    var taken: (revision: Int, number: Int)?
    /// The substate that this value came from by `update`.
    var source: Int?
  }

  private var slots: [Slot]

  /// A state without values.
  public init() { slots = [] }

  init(_ slots: [Slot]) { self.slots = slots }

  /// The paths of all values.
  public var paths: [String] { slots.map(\.path) }

  /// Shows each value under its path.
  ///
  /// Equinox's state has positions for keys, `[<flat index 0>]`; here an error shows the layer.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.constant("slots", paths)
    for i in slots.indices {
      visitor.field(slots[i].path, &slots[i].value)
      if !visitor.isReading { slots[i].revision = Self.nextNumber() }
    }
  }

  /// The value under an index.
  /// - Throws: `StateError.unknown`, `.foreign` or `.unbound` with the path.
  public func get<V>(_ index: StateIndex<V>) throws -> V {
    try index.checked(slots[position(of: index.boundPath)].value)
  }

  /// Puts a value of the same structure, shapes and dtypes under an index (ST-04).
  /// - Throws: `StateError.shape`; as `get` otherwise. The state is unchanged then.
  public mutating func set<V>(_ index: StateIndex<V>, to value: V) throws {
    let old = try get(index)
    let position = try position(of: index.boundPath)
    guard haveOneType(old, value) else {
      throw StateError.shape(slots[position].path, old: typeText(old), new: typeText(value))
    }
    slots[position].value = value
    slots[position].revision = Self.nextNumber()
    slots[position].source = nil
  }

  /// The part of the state that `tree`, a part of the model, uses.
  public func substate<T: PyTree>(_ tree: T) throws -> State {
    let reader = IndexReader()
    _ = tree.visited(by: reader)
    let number = Self.nextNumber()
    return State(
      try reader.paths.map { path in
        guard let path else {
          throw StateError.unbound("the tree was not built with makeWithState")
        }
        var slot = slots[try position(of: path)]
        slot.taken = (slot.revision, number)
        slot.source = nil
        return slot
      })
  }

  /// Puts back the values of a substate.
  /// - Throws: `StateError.unknown` for a path that this state lacks, `.shape` for a value of
  ///   another type, `.stale` for one that was set here since the substate was taken.
  public mutating func update(_ part: State) throws {
    var new = slots
    for slot in part.slots {
      let position = try position(of: slot.path)
      try Self.check(slot, against: slots[position])
      new[position].value = slot.value
      new[position].revision = slot.revision
      new[position].source = slot.taken?.number
    }
    slots = new
  }

  private static func check(_ new: Slot, against old: Slot) throws {
    guard haveOneType(old.value, new.value) else {
      throw StateError.shape(old.path, old: typeText(old.value), new: typeText(new.value))
    }
    guard let taken = new.taken else { return }
    guard taken.revision == old.revision || taken.number == old.source else {
      throw StateError.stale(old.path)
    }
  }

  private func position(of path: String) throws -> Int {
    guard let position = slots.firstIndex(where: { $0.path == path }) else {
      throw StateError.unknown(path)
    }
    return position
  }

  private static let counter = Atomic<Int>(0)

  /// A number that no other writing and no other substate has.
  private static func nextNumber() -> Int {
    counter.add(1, ordering: .relaxed).newValue
  }
}

extension State: CustomReflectable {
  /// Its values under their paths, as a visit shows them; that is what `checkFields` compares.
  public var customMirror: Mirror {
    let values = slots.map { Mirror.Child(label: $0.path, value: $0.value) }
    return Mirror(self, children: [Mirror.Child(label: "slots", value: paths)] + values)
  }
}

extension State: CustomStringConvertible {
  /// As Equinox prints a state: `State(BatchNorm.batchCounter=i32[], …)`.
  public var description: String {
    "State(\(slots.map { "\($0.path)=\(typeText($0.value))" }.joined(separator: ", ")))"
  }
}

extension State {
  /// The tensors of all values.
  var tensors: [Tensor] { leaves.compactMap(\.tensor) }

  /// The state with other tensors.
  func replacing(tensors: [Tensor]) throws -> State {
    var rest = tensors[...]
    return try treeMap(tensors: self) { old in rest.popFirst() ?? old }
  }

  /// The path of the first value with a leaf for which `condition` holds.
  func path(where condition: (Leaf) -> Bool) -> String? {
    slots.first { $0.value.leaves.contains(where: condition) }?.path
  }
}
