// A backend whose contractions run in OpenBLAS and whose other loops are compiled per dtype.
//
// It is a claim, not a definition: every kernel must equal the reference, bit for bit where no sum
// is reordered, within the bound of a sum in any order where one is, and within the error model of
// elementary functions where CKernels computes them. Every primitive has a kernel here;
// `Plan.description` names it, step by step.

internal import COpenBLAS
public import Core

/// Runs programs with OpenBLAS and compiled loops.
public struct OpenBLASBackend: Backend {
  /// `openblas`.
  public let name = "openblas"

  /// How many threads OpenBLAS may use. The setting is the process's: the last to run wins.
  public let threads: Int

  /// One thread by default, so that sums are added in one order and repeat bit for bit.
  public init(threads: Int = 1) {
    precondition(threads > 0, "a backend needs a thread, got \(threads)")
    self.threads = threads
  }

  /// The results of one equation, by the kernel that a plan would choose.
  public func evaluate(_ primitive: Primitive, _ inputs: [Buffer]) throws -> [Buffer] {
    let avals = inputs.map(\.aval)
    let kernel = try lower(primitive, avals, to: typingRule(primitive, avals), on: self)
    useThreads()
    return try kernel.run(inputs)
  }

  /// The program's plan.
  public func compile(_ jaxpr: Jaxpr) throws -> any Executable { try plan(jaxpr) }

  /// The program as steps, each with the kernel that runs it.
  /// - Throws: `TraceError.badArgument` when an extent exceeds what OpenBLAS can count.
  public func plan(_ jaxpr: Jaxpr) throws -> Plan { try Plan(jaxpr, backend: self) }

  /// Which OpenBLAS this is, for which processor, with how many threads.
  public var libraryDescription: String {
    useThreads()
    let config = String(cString: openblas_get_config()).split(separator: " ").joined(separator: " ")
    let core = String(cString: openblas_get_corename())
    return "\(config), core \(core), threads \(openblas_get_num_threads())"
  }

  /// Tells the library the number of threads, unless it already knows.
  func useThreads() {
    let wanted = Int32(clamping: threads)
    if openblas_get_num_threads() != wanted { openblas_set_num_threads(wanted) }
  }
}
