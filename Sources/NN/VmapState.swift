// A batch of examples with one state, or with one state each (ST-08).
//
// Equinox's users write out_axes=(0, None) and get an error of vmap about an output number, or forget
// the None and get a state that holds the whole batch. Here one state is the rule: a layer that
// stores what differs between examples is named in the error. `perExample` maps the state too, as an
// ensemble needs it.

public import Core
public import Random
import Tree

/// How a state goes through `vmap`.
public enum StateMapping: Sendable {
  /// One state for all examples: what is stored must be the same for each.
  case shared
  /// Axis 0 of every value holds one state per example, before and after.
  case perExample
}

/// `body` for each index of axis 0 of `x`, results along axis 0, with the state after all of them.
public func vmap(
  _ x: Tensor, axisName: String? = nil, state: inout State, states: StateMapping = .shared,
  _ body: (Tensor, inout State) throws -> Tensor
) throws -> Tensor {
  try vmap([x], axisName: axisName, state: &state, states: states) { xs, state in
    [try body(xs[0], &state)]
  }[0]
}

/// `body` for each index of axis 0 of `x`, each with a key of its own out of `key`.
public func vmap(
  _ x: Tensor, key: Key, axisName: String? = nil, _ body: (Tensor, Key) throws -> Tensor
) throws -> Tensor {
  var none = State()
  return try vmap(x, key: key, axisName: axisName, state: &none) { x, key, _ in try body(x, key) }
}

/// `body` for each index of axis 0 of `x`, each with a key of its own out of `key`.
public func vmap(
  _ x: Tensor, key: Key, axisName: String? = nil, state: inout State,
  states: StateMapping = .shared, _ body: (Tensor, Key, inout State) throws -> Tensor
) throws -> Tensor {
  guard let count = x.shape.first else {
    throw TraceError.badArgument("vmap needs an axis to map, got \(x.aval)")
  }
  let keys = try key.keys([count])
  return try vmap([x, keys], axisName: axisName, state: &state, states: states) { xs, state in
    [try body(xs[0], Key(data: xs[1]), &state)]
  }[0]
}

/// `body` for each index of axis 0 of every one of `xs`.
/// - Throws: `StateError.varies` with the path of a shared value that came to differ.
public func vmap(
  _ xs: [Tensor], axisName: String? = nil, state: inout State, states: StateMapping = .shared,
  _ body: ([Tensor], inout State) throws -> [Tensor]
) throws -> [Tensor] {
  guard !xs.isEmpty else {
    throw TraceError.badArgument("vmap with a state must have at least one mapped argument")
  }
  let (before, count) = (state, xs.count)
  var after = before
  let results = try withoutActuallyEscaping(body) { body in
    switch states {
    case .shared:
      let axes = xs.map { _ in Int?(0) }
      return try vmap(
        { inputs in
          let results = try body(inputs, &after)
          try after.requireShared(acrossAxisOf: inputs[0])
          return results
        }, inAxes: axes, axisName: axisName)(xs)
    case .perExample:
      let all = try vmap(
        { inputs in
          var own = try before.replacing(tensors: Array(inputs.dropFirst(count)))
          let results = try body(Array(inputs.prefix(count)), &own)
          return own.tensors + results
        }, axisName: axisName)(xs + before.tensors)
      let held = before.tensors.count
      after = try before.replacing(tensors: Array(all.prefix(held)))
      return Array(all.dropFirst(held))
    }
  }
  state = after
  return results
}

extension State {
  /// - Throws: `StateError.varies` for the first value that has an element per example of the axis
  ///   along which `x` is mapped.
  fileprivate func requireShared(acrossAxisOf x: Tensor) throws {
    guard case .batched(let axis, _) = x.value else { return }
    let varying = path { leaf in
      guard case .batched(let owner, _) = leaf.tensor?.value else { return false }
      return owner === axis
    }
    if let varying { throw StateError.varies(varying) }
  }
}
