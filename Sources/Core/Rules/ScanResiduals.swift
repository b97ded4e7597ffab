// What the known steps of a scan leave for the unknown ones, and how often it must be kept.
//
// An operand is handed over as it is, and what depends on consts alone is computed once before the
// loop: the weights of a recurrent network are not kept once per step. Only the rest is stacked.

/// The residuals of one step.
struct ScanResiduals {
  private enum Source {
    /// An operand of the scan that is a const or an x.
    case operand(Int)
    /// The same in every step.
    case once(Atom)
    /// Different in every step.
    case stacked(Atom)
  }

  private let known: Jaxpr
  private let resultCount: Int
  private let constCount: Int
  private let sources: [Source]
  /// For each residual whether it is the same in every step.
  let isConst: [Bool]

  /// The residuals of `parts`, whose known program reads `constCount` consts first; `carries` are the
  /// places of the carry among the operands of the scan.
  init(_ parts: PartialProgram, constCount: Int, carries: Range<Int>) {
    known = parts.known.jaxpr
    resultCount = parts.isUnknown.count { !$0 }
    self.constCount = constCount
    var varying = Set(known.invars.dropFirst(constCount))
    func varies(_ atom: Atom) -> Bool { atom.variable.map(varying.contains) ?? false }
    for eqn in known.eqns where eqn.ins.contains(where: varies) { varying.formUnion(eqn.outs) }
    sources = zip(parts.forwarded, known.outs.dropFirst(resultCount)).map { operand, atom in
      if let operand, !carries.contains(operand) { return .operand(operand) }
      return varies(atom) ? .stacked(atom) : .once(atom)
    }
    isConst = sources.map { source in
      switch source {
      case .operand(let place): place < carries.lowerBound
      case .once: true
      case .stacked: false
      }
    }
  }

  /// The known step: its results, then the residuals that are stacked.
  var step: Subprogram {
    let stacked = sources.compactMap { if case .stacked(let atom) = $0 { atom } else { nil } }
    return Subprogram(known.pruned(outs: Array(known.outs.prefix(resultCount)) + stacked))
  }

  /// Known consts ↦ the residuals that are computed once.
  var once: Jaxpr {
    let atoms = sources.compactMap { if case .once(let atom) = $0 { atom } else { nil } }
    let all = known.pruned(outs: atoms)
    return Jaxpr(
      constvars: all.constvars, consts: all.consts, invars: Array(all.invars.prefix(constCount)),
      eqns: all.eqns, outs: atoms)
  }

  /// All residuals in order, from the operands of the scan, those computed once and those stacked.
  func values(_ x: [Tensor], _ once: [Tensor], _ stacked: [Tensor]) -> [Tensor] {
    var (once, stacked) = (once[...], stacked[...])
    return sources.map { source in
      switch source {
      case .operand(let place): x[place]
      case .once: once.removeFirst()
      case .stacked: stacked.removeFirst()
      }
    }
  }
}
