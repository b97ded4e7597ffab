// Functions with a derivative of their own: how their rules are asked, mapped and transposed.

extension CustomJVPRule {
  /// The rule's answer, if it has the types of the function's results.
  func checked(
    _ x: [Tensor], _ dx: [Tensor?], _ avals: [ShapedArray]?
  ) throws -> (outs: [Tensor], tangents: [Tensor?]) {
    let (outs, tangents) = try jvp(x, dx)
    try requireResults("JVP", name, outs, avals)
    try require(
      tangents.count == outs.count,
      "Custom JVP rule of \(name) must produce one tangent output per primal output, but got "
        + "\(tangents.count) for \(outs.count)")
    for (out, tangent) in zip(outs, tangents) {
      guard let tangent else { continue }
      try require(
        tangent.aval == out.aval && out.dtype.isInexact,
        "Custom JVP rule of \(name) must produce primal and tangent outputs with corresponding "
          + "shapes and dtypes. Expected \(out.dtype.isInexact ? "\(out.aval)" : "nil") (tangent "
          + "type of \(out.aval)) but got \(tangent.aval).")
    }
    return (outs, tangents)
  }

  /// The rule of the function for each index of the mapped operands; every result is mapped.
  func mapped(_ mapped: [Bool], _ batching: Batching) -> CustomJVPRule {
    let (size, axisName, rule) = (batching.size, batching.axisName, jvp)
    return CustomJVPRule(name: name) { x, dx in
      let all = try vmapSymbolic(x + dx, mapped + mapped, size, axisName) { all in
        let (y, dy) = try rule(
          all.prefix(x.count).compactMap(\.self), Array(all.dropFirst(x.count)))
        return y + dy
      }
      let count = all.count / 2
      return (all.prefix(count).compactMap(\.self), Array(all.dropFirst(count)))
    }
  }
}

extension CustomVJPRule {
  /// The function's results by the forward rule, and tangents that wait to be transposed.
  func linearized(
    _ x: [Tensor], _ dx: [Tensor?], _ avals: [ShapedArray]?
  ) throws -> (outs: [Tensor], tangents: [Tensor?]) {
    let (outs, residuals) = try forward(x, dx.map { $0 != nil })
    try requireResults("VJP fwd", name, outs, avals)
    let avals = outs.map(\.aval)
    func places(_ flags: [Bool]) -> [Int?] {
      let order = flags.indices.filter { flags[$0] }
      return flags.indices.map { order.firstIndex(of: $0) }
    }
    let isInexact = avals.map(\.dtype.isInexact)
    let linear = CustomLinear(
      rule: self, residualCount: residuals.count, tangentPlaces: places(dx.map { $0 != nil }),
      outs: chosen(avals, isInexact), outPlaces: places(isInexact))
    let tangents = try bind(
      .higherOrder(.customLinear(linear)), residuals + dx.compactMap(\.self))
    return (outs, scattered(tangents, isInexact))
  }

  /// The rule of the function for each index of the mapped operands; every result is mapped. What an
  /// operand that all examples share receives is summed over them.
  func mapped(_ mapped: [Bool], _ batching: Batching) -> CustomVJPRule {
    let (size, axisName, forward) = (batching.size, batching.axisName, forward)
    let own = mappedBackward(size, axisName)
    return CustomVJPRule(
      name: name,
      forward: { x, perturbed in
        var count = 0
        let all = try vmapSymbolic(x, mapped, size, axisName) { x in
          let (outs, residuals) = try forward(x.compactMap(\.self), perturbed)
          count = outs.count
          return outs + residuals
        }.compactMap(\.self)
        return (Array(all.prefix(count)), Array(all.dropFirst(count)))
      },
      backward: { residuals, cts in
        try zip(own(residuals, cts), mapped).map { ct, isMapped in
          try ct.map { isMapped ? $0 : try bind1(.reduce(.sum, axes: [0]), [$0]) }
        }
      })
  }

  /// The backward rule for each index of the leading axis of everything.
  fileprivate func mappedBackward(
    _ size: Int, _ axisName: String?
  ) -> @Sendable ([Tensor], [Tensor?]) throws -> [Tensor?] {
    let backward = backward
    return { residuals, cts in
      let all = residuals + cts
      return try vmapSymbolic(all, all.map { _ in true }, size, axisName) { all in
        try backward(
          all.prefix(residuals.count).compactMap(\.self), Array(all.dropFirst(residuals.count)))
      }
    }
  }
}

extension CustomLinear {
  /// What is thrown where only the transpose is known.
  var forwardModeError: TraceError {
    .unsupported(
      "can't apply forward-mode autodiff (jvp) to a custom_vjp function: \(rule.name); "
        + "give it a customJVP rule instead")
  }

  func batched(
    _ x: [Tensor], _ mapped: [Bool], _ batching: Batching
  ) throws -> [(values: Tensor, isMapped: Bool)] {
    let own = rule.mappedBackward(batching.size, batching.axisName)
    let batchedRule = CustomVJPRule(name: rule.name, forward: rule.forward, backward: own)
    let linear = CustomLinear(
      rule: batchedRule, residualCount: residualCount, tangentPlaces: tangentPlaces,
      outs: outs.map { $0.with(shape: [batching.size] + $0.shape) }, outPlaces: outPlaces)
    let all = try zip(x, mapped).map { try $1 ? $0 : repeated($0, batching.size) }
    return try bind(.higherOrder(.customLinear(linear)), all).map { ($0, true) }
  }

  func transposed(_ cts: [Tensor?], _ ins: [LinearInput]) throws -> [Tensor?] {
    let residuals = Array(ins.prefix(residualCount)).known
    guard residuals.count == residualCount else {
      throw TraceError.noRule(transformation: "transpose", primitive: "custom_lin")
    }
    let all = try rule.backward(residuals, outPlaces.map { $0.flatMap { cts[$0] } })
    try require(
      all.count == tangentPlaces.count,
      "Custom VJP bwd rule of \(rule.name) must produce as many cotangents as the function has "
        + "arguments, \(tangentPlaces.count), but got \(all.count)")
    let tangents = zip(all, tangentPlaces).filter { $1 != nil }.map(\.0)
    for (ct, input) in zip(tangents, ins.dropFirst(residualCount)) {
      guard let ct, case .linear(let aval) = input else { continue }
      try require(
        ct.aval == aval,
        "Custom VJP bwd rule of \(rule.name) must produce cotangents of the types of the "
          + "arguments, but gave \(ct.aval) for an argument \(aval), so the "
          + mismatch(ct.aval, aval))
    }
    return residuals.map { _ in nil } + tangents
  }
}

/// Throws unless a rule's results have the types of the function's, where those are known.
private func requireResults(
  _ rule: String, _ name: String, _ outs: [Tensor], _ avals: [ShapedArray]?
) throws {
  try require(
    avals == nil || outs.map(\.aval) == avals,
    "Custom \(rule) rule of \(name) must produce the function's results first, of types "
      + "\(avals ?? []), but got \(outs.map(\.aval))")
}

/// `f` for each index of the leading axis of the operands that are mapped, where operands and
/// results may be symbolic zeros; every result that is there has the mapped axis in front.
private func vmapSymbolic(
  _ x: [Tensor?], _ mapped: [Bool], _ size: Int, _ axisName: String?,
  _ f: @escaping ([Tensor?]) throws -> [Tensor?]
) throws -> [Tensor?] {
  let isThere = x.map { $0 != nil }
  var isResultThere: [Bool] = []
  let all = vmap(
    { dense in
      let results = try f(scattered(dense, isThere))
      isResultThere = results.map { $0 != nil }
      return results.compactMap(\.self)
    }, inAxes: chosen(mapped, isThere).map { $0 ? 0 : nil }, axisName: axisName, axisSize: size)
  let results = try all(x.compactMap(\.self))
  return scattered(results, isResultThere)
}
