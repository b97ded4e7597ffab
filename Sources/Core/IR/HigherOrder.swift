// The primitives whose parameters are programs: calls, branches, loops.
//
// Names, operand orders and parameters are those of `jax.lax` and `jax.custom_*`. A program's free
// tensors are hoisted when it is traced, so all that a body reads comes in through operands.

/// An operation that runs programs.
public enum HigherOrder: Hashable, Sendable {
  /// Runs a program on the operands.
  case call(Call)
  /// Operand 0, an `i32` scalar, says which branch runs on the other operands.
  case cond(branches: [Subprogram])
  case scan(Scan)
  case whileLoop(WhileLoop)
  /// Operands (residuals, tangents): a linear map known only by its transpose.
  case customLinear(CustomLinear)
}

/// A program that runs in place, and how it is differentiated.
public struct Call: Hashable, Sendable {
  /// What is special about the call.
  public let kind: Kind
  /// What runs.
  public let program: Subprogram

  /// What is special about a call.
  public enum Kind: Hashable, Sendable {
    /// Compiled as one.
    case jit(name: String)
    /// Run again in the backward pass instead of keeping what it computed.
    case checkpoint
    /// Differentiated by a rule of its own.
    case customJVP(CustomJVPRule)
    /// Transposed by a rule of its own.
    case customVJP(CustomVJPRule)
  }
}

/// Operands (consts, carry, xs): a program run once per index of the leading axis of `xs`.
public struct Scan: Hashable, Sendable {
  /// (consts, carry, x) ↦ (carry, y).
  public let body: Subprogram
  /// How often it runs.
  public let length: Int
  /// Whether it runs from the last index to the first.
  public let reverse: Bool
  /// How many operands are the same in every step.
  public let constCount: Int
  /// How many operands each step hands to the next.
  public let carryCount: Int
}

/// Operands (consts of the condition, consts of the body, carry).
public struct WhileLoop: Hashable, Sendable {
  /// (consts of the condition, carry) ↦ whether to go on.
  public let condition: Subprogram
  /// (consts of the body, carry) ↦ carry.
  public let body: Subprogram
  /// How many operands only the condition reads.
  public let conditionConstCount: Int
  /// How many operands only the body reads.
  public let bodyConstCount: Int
}

/// A JVP rule that comes with a function; two are equal when they are the same object.
public final class CustomJVPRule: Hashable, Sendable {
  /// The name of the function.
  public let name: String
  /// (x, dx) ↦ (y, dy); `nil` is a symbolic zero.
  let jvp:
    @Sendable (_ x: [Tensor], _ dx: [Tensor?]) throws -> (outs: [Tensor], tangents: [Tensor?])

  init(
    name: String,
    _ jvp:
      @escaping @Sendable (_ x: [Tensor], _ dx: [Tensor?]) throws -> (
        outs: [Tensor], tangents: [Tensor?]
      )
  ) {
    (self.name, self.jvp) = (name, jvp)
  }

  /// Identity.
  public static func == (a: CustomJVPRule, b: CustomJVPRule) -> Bool { a === b }
  /// The hash of the identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// A VJP rule that comes with a function; two are equal when they are the same object.
public final class CustomVJPRule: Hashable, Sendable {
  /// The name of the function.
  public let name: String
  /// x and which of it is differentiated ↦ (y, residuals).
  let forward:
    @Sendable (_ x: [Tensor], _ perturbed: [Bool]) throws -> (outs: [Tensor], residuals: [Tensor])
  /// (residuals, cotangents of y) ↦ cotangents of x; `nil` is a symbolic zero.
  let backward: @Sendable (_ residuals: [Tensor], _ cotangents: [Tensor?]) throws -> [Tensor?]

  init(
    name: String,
    forward:
      @escaping @Sendable (_ x: [Tensor], _ perturbed: [Bool]) throws -> (
        outs: [Tensor], residuals: [Tensor]
      ),
    backward:
      @escaping @Sendable (_ residuals: [Tensor], _ cotangents: [Tensor?]) throws ->
      [Tensor?]
  ) {
    (self.name, self.forward, self.backward) = (name, forward, backward)
  }

  /// Identity.
  public static func == (a: CustomVJPRule, b: CustomVJPRule) -> Bool { a === b }
  /// The hash of the identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// The derivative of a function that has a VJP rule of its own, before it is transposed.
public struct CustomLinear: Hashable, Sendable {
  /// The rule that transposes it.
  public let rule: CustomVJPRule
  /// How many operands are residuals; the rest are tangents.
  public let residualCount: Int
  /// For each argument of the function its place among the tangents, if it is differentiated.
  public let tangentPlaces: [Int?]
  /// The types of the results: the tangents of the floating-point ones.
  public let outs: [ShapedArray]
  /// For each result of the function its place in `outs`, if it has a tangent space.
  public let outPlaces: [Int?]
}

extension HigherOrder {
  /// The programs it carries.
  public var programs: [Subprogram] {
    switch self {
    case .call(let call): [call.program]
    case .cond(let branches): branches
    case .scan(let scan): [scan.body]
    case .whileLoop(let loop): [loop.condition, loop.body]
    case .customLinear: []
    }
  }

  /// How many operands it takes.
  var operandCount: Int {
    switch self {
    case .call(let call): call.program.jaxpr.invars.count
    case .cond(let branches): 1 + (branches.first?.jaxpr.invars.count ?? 0)
    case .scan(let scan): scan.body.jaxpr.invars.count
    case .whileLoop(let loop): loop.conditionConstCount + loop.body.jaxpr.invars.count
    case .customLinear(let linear):
      linear.residualCount + linear.tangentPlaces.count { $0 != nil }
    }
  }

  /// The name in JAX.
  public var name: String {
    switch self {
    case .call(let call): call.kind.name
    case .cond: "cond"
    case .scan: "scan"
    case .whileLoop: "while"
    case .customLinear: "custom_lin"
    }
  }

  /// The parameters in JAX's order; `text` prints a program.
  func parameters(_ text: (Jaxpr) -> String) -> [(name: String, value: String)] {
    switch self {
    case .call(let call): call.parameters(text(call.program.jaxpr))
    case .cond(let branches):
      [("branches", "(" + branches.map { text($0.jaxpr) }.joined(separator: ", ") + ",)")]
    case .scan(let scan):
      [
        ("jaxpr", text(scan.body.jaxpr)), ("length", "\(scan.length)"),
        ("num_carry", "\(scan.carryCount)"), ("num_consts", "\(scan.constCount)"),
        ("reverse", scan.reverse ? "True" : "False"),
      ]
    case .whileLoop(let loop):
      [
        ("body_jaxpr", text(loop.body.jaxpr)), ("body_nconsts", "\(loop.bodyConstCount)"),
        ("cond_jaxpr", text(loop.condition.jaxpr)),
        ("cond_nconsts", "\(loop.conditionConstCount)"),
      ]
    case .customLinear(let linear):
      [("bwd", linear.rule.name), ("num_res", "\(linear.residualCount)")]
    }
  }
}

extension Call {
  fileprivate func parameters(_ jaxpr: String) -> [(name: String, value: String)] {
    switch kind {
    case .jit(let name): [("name", name), ("jaxpr", jaxpr)]
    case .checkpoint: [("jaxpr", jaxpr), ("prevent_cse", "True")]
    case .customJVP(let rule): [("name", rule.name), ("call_jaxpr", jaxpr)]
    case .customVJP(let rule): [("name", rule.name), ("call_jaxpr", jaxpr)]
    }
  }
}

extension Call.Kind {
  fileprivate var name: String {
    switch self {
    case .jit: "jit"
    case .checkpoint: "remat2"
    case .customJVP: "custom_jvp_call"
    case .customVJP: "custom_vjp_call"
    }
  }
}
