// The intermediate representation: a closed, typed list of equations in single-assignment form.
//
// Invariants (held by `check()`): every variable is bound once, before its first use; every
// equation's outputs have the types that the typing rule of its primitive gives.
// Corresponds to `Var`, `Literal`, `JaxprEqn`, `Jaxpr` and `ClosedJaxpr` of JAX.

/// A variable; two are equal when they are the same object.
public final class Var: Sendable, Hashable {
  /// Its type.
  public let aval: ShapedArray

  /// A new variable.
  package init(_ aval: ShapedArray) { self.aval = aval }

  /// Identity.
  public static func == (a: Var, b: Var) -> Bool { a === b }
  /// The hash of the identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// A scalar written into the program: a real number and the dtype that it is rounded to.
public struct Literal: Sendable, Hashable {
  /// The number that is meant, to 106 bits.
  public let value: DoubleDouble
  /// The type it takes part with.
  public let dtype: DType

  /// The number as the program's own precision has it.
  public var rounded: Storage { Storage(rounding: [value], to: dtype) }
}

/// An operand: a variable or a literal.
public enum Atom: Sendable {
  case variable(Var)
  case literal(Literal)

  /// Its type.
  public var aval: ShapedArray {
    switch self {
    case .variable(let v): v.aval
    case .literal(let l): ShapedArray(l.dtype)
    }
  }
}

/// `outs = primitive ins`.
public struct Eqn: Sendable {
  /// What it binds.
  public let outs: [Var]
  /// What it applies.
  public let primitive: Primitive
  /// What it reads.
  public let ins: [Atom]

  package init(outs: [Var], primitive: Primitive, ins: [Atom]) {
    (self.outs, self.primitive, self.ins) = (outs, primitive, ins)
  }
}

/// `{ lambda constvars ; invars . let eqns in outs }`, closed over the values of its constvars.
public struct Jaxpr: Sendable {
  /// The variables bound to constants.
  public let constvars: [Var]
  /// The values of `constvars`.
  public let consts: [Tensor]
  /// The variables bound to the inputs.
  public let invars: [Var]
  /// The equations, each after those it reads from.
  public let eqns: [Eqn]
  /// The outputs.
  public let outs: [Atom]

  package init(
    constvars: [Var] = [], consts: [Tensor] = [], invars: [Var], eqns: [Eqn], outs: [Atom]
  ) {
    (self.constvars, self.consts) = (constvars, consts)
    (self.invars, self.eqns, self.outs) = (invars, eqns, outs)
  }

  /// The types of the inputs.
  public var inAvals: [ShapedArray] { invars.map(\.aval) }
  /// The types of the outputs.
  public var outAvals: [ShapedArray] { outs.map(\.aval) }
}
