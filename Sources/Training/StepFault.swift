// Is a step's result a number throughout, and if not, which equation is at fault?
//
// Looked at after every step: the loss, and the parameters that were finite before it. What the optimiser
// remembers may be infinite for good reasons and shows in the parameters when it matters.

internal import Core
internal import Random
internal import Tree

/// A result of a step that is no number: its place among the step's outputs, and what it is.
struct StepFault {
  let output: Int
  let what: String
}

extension Trainer {
  /// The first of loss and parameters that is no number now and was one before.
  func nonFiniteOutput(loss: Tensor, of model: Model, was old: Model) -> StepFault? {
    if !loss.isKnownAndFinite { return StepFault(output: 0, what: "the loss") }
    // The outputs are tensors only: the loss, then those of the model in order.
    var output = 0
    for (index, (new, before)) in zip(model.leaves, old.leaves).enumerated() {
      guard let new = new.tensor else { continue }
      output += 1
      if !new.isKnownAndFinite, before.tensor?.isKnownAndFinite ?? true {
        return StepFault(output: output, what: "the parameter \(model.leafPaths[index])")
      }
    }
    return nil
  }

  /// Runs the step again, equation by equation.
  func explain(
    _ fault: StepFault, _ run: Run, _ batch: Examples, _ key: Key
  ) throws -> NonFiniteReport {
    let (state, memory) = (run.state, run.optimiserState)
    let jaxpr = try trainStep.lower(run.model, state, memory, batch, key).jaxpr
    let inputs =
      named("model", run.model) + named("state", state) + named("optimiser", memory)
      + named("batch", batch) + named("key", key)
    let origin = try nonFiniteOrigin(
      of: jaxpr, inputs.map(\.tensor), names: inputs.map(\.name), output: fault.output)
    return NonFiniteReport(
      epoch: run.epoch + 1, step: run.step + 1, what: fault.what, origin: origin)
  }

  /// The tensors of a tree under their paths.
  private func named(_ name: String, _ tree: some PyTree) -> [(name: String, tensor: Tensor)] {
    zip(tree.leafPaths, tree.leaves).compactMap { path, leaf in
      leaf.tensor.map { (name + "\(path)", $0) }
    }
  }
}

extension Tensor {
  /// Whether it has a value, and every number of it is one.
  fileprivate var isKnownAndFinite: Bool { (try? buffer)?.storage.isFinite ?? false }
}
