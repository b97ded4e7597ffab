// Functions of trees that bring their own derivative, backwards (rule FG-16).
//
// Only the first argument is differentiated; the others may hold anything, and a tangent that reaches
// them is an error, never a zero. Core's rule carries lists of tensors between its halves. What else
// the forward half returned is kept beside them, on a list whose index travels as the shape of an
// empty tensor: one staged function may be differentiated in several ways.

public import Core
import Synchronization

/// `f`, differentiated backwards by `backward` with respect to its first argument.
///
/// - Parameters:
///   - name: what a jaxpr and errors call the function.
///   - forward: which leaves of the first argument are differentiated, and the arguments ↦ the
///     result, and what the backward half needs besides the arguments.
///   - backward: what `forward` kept, the cotangents of the result, nil for zero, what is
///     differentiated, and the arguments ↦ the gradient of the first argument. A nil is the
///     gradient zero, and stands at leaves that are no floating-point tensors.
/// - Throws: when called, `TraceError.unsupported` if another argument is differentiated or in
///   forward mode; `TreeError` if the gradient has not the structure of the first argument.
public func filterCustomVJP<V: PyTree, each A: PyTree, R: PyTree, Residuals: PyTree>(
  name: String = "f", _ f: @escaping @Sendable (V, repeat each A) throws -> R,
  forward:
    @escaping @Sendable (_ perturbed: LeafMap<V, Bool>, V, repeat each A) throws -> (
      out: R, residuals: Residuals
    ),
  backward:
    @escaping @Sendable (
      _ residuals: Residuals, _ cotangents: LeafMap<R, Tensor?>, _ perturbed: LeafMap<V, Bool>, V,
      repeat each A
    ) throws -> Gradient<V>
) -> @Sendable (V, repeat each A) throws -> R {
  { (first: V, others: repeat each A) in
    let (own, rest) = (
      Unpacked(first, where: isArray), Unpacked(Tuple(repeat each others), where: isArray)
    )
    let slot = Slot<Unpacked<R>>()
    let notes = Notes<ForwardNote<V, R, Residuals>>()
    let count = own.tensors.count
    let custom = customVJP(
      name: name,
      { xs in
        let others = try rest.packed(Array(xs.dropFirst(count)))
        let out = try f(own.packed(Array(xs.prefix(count))), repeat each others.elements)
        let result = Unpacked(out, where: isArray)
        slot.store(result)
        return result.tensors
      },
      forward: { xs, perturbed in
        guard !perturbed.dropFirst(count).contains(true) else { throw otherArgument(name) }
        let flags = own.map(Array(perturbed.prefix(count))).map { $0 ?? false }
        let others = try rest.packed(Array(xs.dropFirst(count)))
        let (out, residuals) = try forward(
          flags, own.packed(Array(xs.prefix(count))), repeat each others.elements)
        let note = ForwardNote(
          perturbed: flags, out: Unpacked(out, where: isArray),
          residuals: Unpacked(residuals, where: isArray))
        slot.store(note.out)
        return (note.out.tensors, [notes.add(note)] + xs + note.residuals.tensors)
      },
      symbolicZeros: { kept, cts in
        let note = notes[kept[0]]
        let (xs, residuals) = (kept.dropFirst().prefix(count + rest.tensors.count), note.residuals)
        let (model, others) = (
          try own.packed(Array(xs.prefix(count))), try rest.packed(Array(xs.dropFirst(count)))
        )
        let gradient = try backward(
          residuals.packed(Array(kept.suffix(residuals.tensors.count))),
          note.out.map(cts).map { $0 ?? nil }, note.perturbed, model, repeat each others.elements)
        try requireGradient(gradient, of: model, name)
        return own.positions.map { gradient.values[$0] } + rest.tensors.map { _ in nil }
      })
    let outs = try custom(own.tensors + rest.tensors)
    return try slot.value().packed(outs)
  }
}

/// What the forward half leaves for the backward half, besides tensors.
private struct ForwardNote<V: PyTree, R: PyTree, Residuals: PyTree>: Sendable {
  let perturbed: LeafMap<V, Bool>
  let out: Unpacked<R>
  let residuals: Unpacked<Residuals>
}

/// A list that only grows, with a tensor for each place in it.
private final class Notes<Note: Sendable>: Sendable {
  private let all = Mutex<[Note]>([])

  /// The empty tensor whose extent is the place of `note`.
  func add(_ note: Note) -> Tensor {
    all.withLock { all in
      all.append(note)
      return Tensor(shape: [all.count - 1, 0], .f32([]))
    }
  }

  subscript(_ place: Tensor) -> Note { all.withLock { $0[place.shape[0]] } }
}

private func otherArgument(_ name: String) -> TraceError {
  TraceError.unsupported(
    "unexpected tangent: only the first argument of \(name) has a derivative, its other arguments "
      + "cannot be autodifferentiated; pack what is differentiated into the first argument")
}

private func requireGradient<V: PyTree>(
  _ gradient: Gradient<V>, of model: V, _ name: String
) throws {
  if gradient.structure != model.treeDef { throw structureMismatch(gradient.like, model) }
  try requireInexact(
    model, gradient,
    "customVJP gradients must have the same structure as filter(model, isInexactArray), where model "
      + "is the first argument: the backward rule of \(name) gave a gradient")
}
