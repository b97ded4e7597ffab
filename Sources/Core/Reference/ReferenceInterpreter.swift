// The meaning of every primitive, in index-space loops over any number type.
//
// With `Float` and `Double` this is the specification of the arithmetic, with `DoubleDouble` the
// truth, with `Dual<DoubleDouble>` a forward mode that knows no tensor rule. No fast paths: speed
// lives in other backends, which are judged by this one. One exhaustive switch; the loops of each
// family stand in their own file, under their formulas.

/// Runs jaxprs on the numbers `S`.
public struct ReferenceInterpreter<S: Scalar>: Sendable {
  /// A value of this interpreter.
  public typealias Value = ReferenceValue<S>

  /// The results of one well-typed equation.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  @_specialize(where S == DoubleDouble)
  @_specialize(where S == Dual<DoubleDouble>)
  @_specialize(where S == Bounded)
  @_specialize(where S == Dual<Bounded>)
  public static func evaluate(_ p: Primitive, _ x: [Value]) throws -> [Value] {
    switch p {
    case .unary(let op): [try unaryKernel(op, x[0])]
    case .integerPow(let n): [integerPowKernel(n, x[0])]
    case .polygamma(let order): [try mapInexact(p, x[0]) { S.polygamma(order, $0) }]
    case .reducePrecision(let exponentBits, let mantissaBits):
      [
        try mapInexact(p, x[0]) {
          S.reducePrecision($0, exponentBits: exponentBits, mantissaBits: mantissaBits)
        }
      ]
    case .binary(let op): [try binaryKernel(op, x[0], x[1])]
    case .compare(let op): [compareKernel(op, x[0], x[1])]
    case .selectN: [selectKernel(x[0], Array(x.dropFirst()))]
    case .clamp: [try binaryKernel(.min, binaryKernel(.max, x[1], x[0]), x[2])]
    case .convertElementType(let dtype): [convertKernel(x[0], to: dtype)]
    case .broadcastInDim, .reshape, .transpose, .squeeze, .slice, .rev: [moveKernel(p, x[0])]
    case .concatenate(let dim): [concatenateKernel(x, dim)]
    case .pad(let config): [padKernel(x[0], x[1], config)]
    case .iota(let dtype, let shape, let dim): [iotaKernel(dtype, shape, dim)]
    case .reduce(let op, let axes): [reduceKernel(op, x[0], axes)]
    case .argReduce(let op, let axis, let dtype): [argReduceKernel(op, x[0], axis, dtype)]
    case .dotGeneral(let numbers): [dotGeneralKernel(x[0], x[1], numbers)]
    case .convGeneralDilated(let c): [convKernel(x[0], x[1], c)]
    case .reduceWindow(let op, let window): [reduceWindowKernel(op, x[0], window)]
    case .selectAndScatterAdd(let selection, let window):
      [scatterSelectedKernel(x[0], x[1], selection, window)]
    case .selectAndGatherAdd(let selection, let window):
      [gatherSelectedKernel(x[0], x[1], selection, window)]
    case .cumulative(let op, let axis, let reverse):
      [cumulativeKernel(op, x[0], axis, reverse: reverse)]
    case .bitcastConvertType(let dtype): [bitcastKernel(x[0], to: dtype)]
    case .sort(let dimension, let keys): sortKernel(x, dimension, numKeys: keys)
    case .topK(let k, let axis): topKKernel(x[0], k, axis)
    case .split(let sizes, let axis): splitKernel(x[0], sizes, axis)
    case .threefry2x32: threefryKernel(x)
    case .dynamicSlice(let sizes): [dynamicSliceKernel(x[0], Array(x.dropFirst()), sizes)]
    case .dynamicUpdateSlice: [try dynamicUpdateSliceKernel(x[0], x[1], Array(x.dropFirst(2)))]
    case .gather(let parameters): [try gatherKernel(x[0], x[1], parameters)]
    case .scatter(let op, let parameters): [try scatterKernel(op, x[0], x[1], x[2], parameters)]
    case .higherOrder(let op):
      try op.execute(x) { program, inputs in try run(program.jaxpr, inputs) }
    case .collective(_, let name), .axisIndex(let name): throw TraceError.unboundAxis(name)
    }
  }

  /// The outputs of `jaxpr`; `observe` sees the results of each equation.
  /// - Throws: `TraceError.badArgument` when the inputs have not the declared shapes.
  public static func run(
    _ jaxpr: Jaxpr, _ inputs: [Value], observe: (Int, [Value]) -> Void = { _, _ in }
  ) throws -> [Value] {
    guard inputs.map(\.shape) == jaxpr.inAvals.map(\.shape) else {
      throw TraceError.badArgument(
        "a program of inputs \(jaxpr.inAvals) was called with shapes \(inputs.map(\.shape))")
    }
    let consts = try jaxpr.consts.map { Value(try $0.buffer) }
    var values = Dictionary(
      uniqueKeysWithValues: zip(jaxpr.constvars + jaxpr.invars, consts + inputs))
    func read(_ atom: Atom) -> Value {
      switch atom {
      case .literal(let l): return Value(l)
      case .variable(let v):
        guard let value = values[v] else { preconditionFailure("unbound variable \(v.aval)") }
        return value
      }
    }
    for (index, eqn) in jaxpr.eqns.enumerated() {
      let results = try evaluate(eqn.primitive, eqn.ins.map(read))
      observe(index, results)
      for (v, result) in zip(eqn.outs, results) { values[v] = result }
    }
    return jaxpr.outs.map(read)
  }
}
