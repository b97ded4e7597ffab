// What each rule table asks of an operation that runs programs; each kind answers in its own file.

extension HigherOrder {
  /// The types of the results.
  func types(_ ins: [ShapedArray]) throws -> [ShapedArray] {
    switch self {
    case .call(let call): try call.types(ins)
    case .cond(let branches): try condTypes(branches, ins)
    case .scan(let scan): try scan.types(ins)
    case .whileLoop(let loop): try loop.types(ins)
    case .customLinear(let linear): linear.outs
    }
  }

  /// The results at `x` and their tangents along `dx`.
  func jvp(_ x: [Tensor], _ dx: [Tensor?]) throws -> (outs: [Tensor], tangents: [Tensor?]) {
    switch self {
    case .call(let call): try call.jvp(x, dx)
    case .cond(let branches): try condJVP(branches, x, dx)
    case .scan(let scan): try scan.jvp(x, dx)
    case .whileLoop(let loop): try loop.jvp(x, dx)
    case .customLinear(let linear): throw linear.forwardModeError
    }
  }

  /// The results where some operands are unknown to a partial evaluation; nil to write the whole
  /// equation down.
  func partiallyEvaluated(_ x: [Tensor], _ staging: Staging) throws -> [Tensor]? {
    switch self {
    case .call(let call): try call.partiallyEvaluated(x, staging)
    case .cond(let branches): try condPartiallyEvaluated(branches, x, staging)
    case .scan(let scan): try scan.partiallyEvaluated(x, staging)
    case .whileLoop(let loop): try loop.partiallyEvaluated(x, staging)
    case .customLinear: nil
    }
  }

  /// The results with their mapped axis in front, for operands some of which have one there.
  func batched(
    _ x: [Tensor], _ mapped: [Bool], _ batching: Batching
  ) throws -> [(values: Tensor, isMapped: Bool)] {
    switch self {
    case .call(let call): try call.batched(x, mapped, batching)
    case .cond(let branches): try condBatched(branches, x, mapped, batching)
    case .scan(let scan): try scan.batched(x, mapped, batching)
    case .whileLoop(let loop): try loop.batched(x, mapped, batching)
    case .customLinear(let linear): try linear.batched(x, mapped, batching)
    }
  }

  /// The cotangents of the linear operands.
  func transposed(_ cts: [Tensor?], _ ins: [LinearInput]) throws -> [Tensor?] {
    switch self {
    case .call(let call): try call.transposed(cts, ins)
    case .cond(let branches): try condTransposed(branches, cts, ins)
    case .scan(let scan): try scan.transposed(cts, ins)
    case .whileLoop: throw TraceError.unsupported(reverseModeOfWhile)
    case .customLinear(let linear): try linear.transposed(cts, ins)
    }
  }
}

/// What JAX says, and what to do.
private let reverseModeOfWhile =
  "reverse-mode differentiation does not work for whileLoop, or foriLoop with bounds that are known "
  + "only when it runs: how often they run, and so what must be kept, is not known; use scan, or "
  + "foriLoop with bounds that are whole numbers"

extension HigherOrder {
  /// Results under a partial evaluation: known ones and unknown ones, each in order, back in place.
  static func merged(_ known: [Tensor], _ unknown: [Tensor], _ isUnknown: [Bool]) -> [Tensor] {
    var (known, unknown) = (known[...], unknown[...])
    return isUnknown.map { $0 ? unknown.removeFirst() : known.removeFirst() }
  }
}

extension [LinearInput] {
  /// The operands that are known, in order.
  var known: [Tensor] {
    compactMap {
      switch $0 {
      case .known(let x): x
      case .linear: nil
      }
    }
  }

  /// Which operands the program is linear in.
  var isLinear: [Bool] {
    map {
      switch $0 {
      case .known: false
      case .linear: true
      }
    }
  }
}

/// The elements of `all` whose flag is set.
func chosen<T>(_ all: [T], _ flags: [Bool]) -> [T] { zip(all, flags).filter(\.1).map(\.0) }

/// `cts` with zeros of the given types in place of symbolic ones.
func instantiated(_ cts: [Tensor?], _ avals: [ShapedArray]) throws -> [Tensor] {
  try zip(cts, avals).map { try $0 ?? full($1.shape, 0, $1.dtype) }
}

/// One entry per operand: the next of `some` where its flag is set, nil elsewhere.
func scattered<T>(_ some: [T], _ flags: [Bool]) -> [T?] {
  var rest = some[...]
  return flags.map { $0 ? rest.removeFirst() : nil }
}

/// Throws unless a loop hands on what it is handed.
func requireCarry(_ name: String, _ ins: [ShapedArray], _ outs: [ShapedArray]) throws {
  let sentence = "\(name) body function carry input and carry output must have"
  try require(
    ins.count == outs.count,
    "\(sentence) the same structure, but they differ: \(ins.count) tensors came in and "
      + "\(outs.count) went out")
  for (place, (a, b)) in zip(ins, outs).enumerated() {
    try require(
      a == b,
      "\(sentence) equal types, but they differ: the input carry component \(place) has type \(a) "
        + "but the corresponding output carry component has type \(b), so the \(mismatch(a, b))")
  }
}

/// What differs between two types.
func mismatch(_ a: ShapedArray, _ b: ShapedArray) -> String {
  switch (a.dtype == b.dtype, a.shape == b.shape) {
  case (true, _): "shapes do not match"
  case (false, true): "dtypes do not match"
  case (false, false): "shapes and dtypes do not match"
  }
}

/// Throws unless the operands of `name` have the types of its program's inputs.
func requireOperands(_ name: String, _ program: Subprogram, _ ins: [ShapedArray]) throws {
  try require(
    ins == program.jaxpr.inAvals,
    "\(name) called with operands \(ins), but its program takes \(program.jaxpr.inAvals)")
}
