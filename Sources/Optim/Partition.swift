// Different transformations for different leaves: each leaf has a label, each label a transformation.
//
// Corresponds to optax.partition (multi_transform) in optax/transforms/_combining.py.

public import Tree

/// For each leaf the transformation of its label.
public struct PartitionedTransformation: ObjectiveTransformation {
  let transforms: [String: AnyGradientTransformation]
  let labels: Labels

  /// The state of each transformation.
  public struct State: PyTree {
    /// By label.
    public var innerStates: [String: Masked<AnyGradientTransformation>.State]

    /// Shows the states under their labels.
    public mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("inner_states", &innerStates)
    }
  }

  /// The state of each transformation, for the leaves of its label.
  /// - Throws: `OptimError.badArgument` for a label without a transformation.
  public func initialise(_ parameters: Updates) throws -> State {
    let used = Set(
      zip(try labels.values(parameters), parameters.values).compactMap { $1 == nil ? nil : $0 })
    guard used.isSubset(of: transforms.keys) else {
      throw OptimError.badArgument(
        "each label needs a transformation; the labels are \(used.sorted()), there are "
          + "transformations for \(transforms.keys.sorted())")
    }
    return State(
      innerStates: try Dictionary(
        uniqueKeysWithValues: transforms.keys.map { ($0, try part($0).initialise(parameters)) }))
  }

  /// The updates of all transformations, each for the leaves of its label.
  public func update(
    _ updates: Updates, _ state: inout State, _ parameters: Updates?, _ objective: Objective?
  ) throws -> Updates {
    var out = updates
    for label in transforms.keys.sorted() {
      let part = try part(label)
      guard var inner = state.innerStates[label] else {
        throw OptimError.badArgument("the state has nothing for the label '\(label)'")
      }
      out = try part.update(out, &inner, parameters, objective)
      state.innerStates[label] = inner
    }
    return out
  }

  /// The transformation of a label, masked to its leaves.
  private func part(_ label: String) throws -> Masked<AnyGradientTransformation> {
    guard let inner = transforms[label] else {
      throw OptimError.badArgument("there is no transformation for the label '\(label)'")
    }
    return masked(inner, mask: labels.isEqual(to: label))
  }
}

extension Labels {
  /// Where the label is this one.
  func isEqual(to label: String) -> Mask {
    Mask(values: { [values] tree in try values(tree).map { $0 == label } })
  }
}

/// For each leaf the transformation of its label (`optax.partition`, also called multi_transform).
public func partition(
  _ transforms: [String: any GradientTransformation], _ labels: Labels
) -> PartitionedTransformation {
  func erased<T: GradientTransformation>(_ t: T) -> AnyGradientTransformation { .init(t) }
  return PartitionedTransformation(transforms: transforms.mapValues { erased($0) }, labels: labels)
}
