// A backend whose contractions run in OpenBLAS and whose other loops are compiled per dtype.
//
// It is a claim, not a definition: every kernel must equal the reference, bit for bit where no sum
// is reordered, within the bound of a sum in any order where one is, and within the error model of
// elementary functions where CKernels computes them. Every primitive has a kernel here;
// `Plan.description` names it, step by step.

internal import CKernels
internal import COpenBLAS
public import Core

/// Runs programs with OpenBLAS and compiled loops.
public struct OpenBLASBackend: Backend {
  /// `openblas`.
  public let name = "openblas"

  /// How many threads a run may use. The results are the same bits for any number.
  public let threads: Int

  /// One thread by default: others of the process may need the rest.
  public init(threads: Int = 1) {
    precondition(threads > 0, "a backend needs a thread, got \(threads)")
    self.threads = threads
  }

  /// The results of one equation, by the kernel that a plan would choose.
  public func evaluate(_ primitive: Primitive, _ inputs: [Buffer]) throws -> [Buffer] {
    let avals = inputs.map(\.aval)
    let kernel = try lower(primitive, avals, to: typingRule(primitive, avals), on: self)
    useOneThread()
    var operands = inputs
    return try kernel.run(&operands, workers)
  }

  /// The program's plan.
  public func compile(_ jaxpr: Jaxpr) throws -> any Executable { try plan(jaxpr) }

  /// The program as steps, each with the kernel that runs it.
  /// - Throws: `TraceError.badArgument` when an extent exceeds what OpenBLAS can count.
  public func plan(_ jaxpr: Jaxpr) throws -> Plan { try Plan(jaxpr, backend: self) }

  /// Which OpenBLAS this is, for which processor, with how many threads.
  public var libraryDescription: String {
    useOneThread()
    let config = String(cString: openblas_get_config()).split(separator: " ").joined(separator: " ")
    let core = String(cString: openblas_get_corename())
    return "\(config), core \(core), threads \(threads)"
  }

  /// The threads among which a run divides its work.
  var workers: Workers { Workers(threads: threads) }

  /// Tells the library to leave threads to us, unless it already knows. The setting is the process's.
  func useOneThread() {
    _ = keepsMemory
    if openblas_get_num_threads() != 1 { openblas_set_num_threads(1) }
  }
}

/// Set once, when a program first runs: of a short train step a third went to the system's memory.
private let keepsMemory: Void = assay_keep_memory()
