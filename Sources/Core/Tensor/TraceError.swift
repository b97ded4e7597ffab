// What can be wrong with a program, in JAX's words.
//
// Three kinds are kept apart: the program is ill-typed, a rule does not exist, a value was asked
// for that is not known. Our own bugs are preconditions and never thrown.

/// Why a program cannot be traced, transformed or run.
public enum TraceError: Error, Hashable, CustomStringConvertible {
  /// The operands do not fit the operation; the text says what was required and what came.
  case illTyped(String)
  /// `primitive` has no rule for `transformation`: never a zero in its place.
  case noRule(transformation: String, primitive: String)
  /// A rule exists, but not for these parameters; the text says what it needs.
  case unsupported(String)
  /// The value of a traced tensor was read.
  case notConcrete(ShapedArray)
  /// A mask between brackets must be known, because it decides the shape of the result.
  case nonConcreteBooleanIndex(ShapedArray)
  /// A collective named an axis that no enclosing `vmap` binds.
  case unboundAxis(String)
  /// The gradient of something that is not a real scalar was asked for.
  case gradientOfNonScalar(ShapedArray)
  /// A transformation was called with arguments that do not fit it.
  case badArgument(String)
  /// A tensor outlived the transformation that made it.
  case escapedTracer(ShapedArray)

  /// One lower-case sentence: what was required, what came, what to do.
  public var description: String {
    switch self {
    case .illTyped(let message), .badArgument(let message), .unsupported(let message): message
    case .noRule(let transformation, let primitive):
      "\(transformation) rule for '\(primitive)' is not defined"
    case .notConcrete(let aval):
      "the concrete value of a traced \(aval) was needed; it is known only when the function runs: "
        + "use where(_:_:_:) instead of a Swift if, or do not stage the function"
    case .nonConcreteBooleanIndex(let aval):
      "Array boolean indices must be concrete; got \(aval); use where(_:_:_:), whose shape does not "
        + "depend on the mask"
    case .unboundAxis(let name):
      "unbound axis name: \(name); collectives run inside vmap(axisName: \"\(name)\")"
    case .gradientOfNonScalar(let aval):
      "gradient only defined for scalar-output functions; output had shape: "
        + "\(pythonTuple(aval.shape)) and dtype \(aval.dtype.longName)"
    case .escapedTracer(let aval):
      "a traced \(aval) was used after its transformation had ended; "
        + "return it from the function instead of storing it"
    }
  }
}

/// `xs` as Python prints a tuple: `()`, `(2,)`, `(2, 3)`.
public func pythonTuple(_ xs: [Int]) -> String {
  "(" + xs.map(String.init).joined(separator: ", ") + (xs.count == 1 ? ",)" : ")")
}
