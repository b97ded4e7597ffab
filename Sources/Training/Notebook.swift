// A program that reads like a notebook: sections with their times, facts that are shown, and claims that
// are checked. A claim that does not hold is an error, so that a program which ends well has shown what it
// says.

public import Core
internal import Environment
internal import Foundation

/// Sections, facts and claims, printed as they come.
public final class Notebook {
  private let print: (String) -> Void
  private var times: [(title: String, seconds: Double)] = []
  private var claims = 0
  private var open: (title: String, start: ContinuousClock.Instant)?
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  /// A notebook that is printed by `print`.
  public init(print: @escaping (String) -> Void = { Swift.print($0) }) {
    self.print = print
    start = clock.now
  }

  /// Begins a titled part of the program; the time of the one before is printed.
  public func section(_ title: String) {
    close()
    print("\n== \(title)")
    open = (title, clock.now)
  }

  /// Ends the last section: the time of each, of all from the beginning, and how many claims held.
  public func end() {
    close()
    print("\n== wall time")
    let all = times + [("in all", Self.seconds(clock.now - start))]
    for (title, seconds) in all { print("   \(Self.text(seconds)) s  \(title)") }
    print("\(claims) claims hold")
  }

  private func close() {
    guard let (title, began) = open else { return }
    let seconds = Self.seconds(clock.now - began)
    times.append((title, seconds))
    print("   [\(Self.text(seconds)) s]")
    open = nil
  }

  /// Shows a value under a name; further lines stand further in.
  public func fact(_ name: String, _ value: Any) {
    print("   \(name): \("\(value)".replacing("\n", with: "\n     "))")
  }

  /// Shows that a statement holds.
  /// - Throws: `ClaimError` if it does not.
  public func claim(_ statement: String, _ holds: @autoclosure () throws -> Bool) throws {
    guard try holds() else { throw ClaimError(statement: statement) }
    confirm(statement)
  }

  /// Shows that `body` is refused, and in which words.
  /// - Throws: `ClaimError` if it is not.
  public func refusal(_ what: String, _ body: () throws -> Void) throws {
    do { try body() } catch {
      return confirm("refused: \(what) (\(error))")
    }
    throw ClaimError(statement: "refused: \(what)")
  }

  private func confirm(_ statement: String) {
    claims += 1
    print("   ✓ \(statement)")
  }

  private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

  /// Milliseconds, as wide as a minute.
  private static func text(_ seconds: Double) -> String {
    let thousandths = Int((seconds * 1000).rounded())
    let fraction = String(1000 + thousandths % 1000).dropFirst()
    let whole = String(thousandths / 1000)
    return String(repeating: " ", count: max(0, 3 - whole.count)) + whole + "." + fraction
  }
}

extension Notebook {
  /// A section with the versions, the devices and the machine.
  public func environment() {
    section("environment")
    for known in environmentInfo() { fact(known.name, known.value) }
  }

  /// The last epoch of a history, if it is the first or a tenth.
  public func epoch(_ history: History) {
    if history.count == 1 || history.count.isMultiple(of: 10) { fact("after", history) }
  }

  /// The size of a file that was written.
  public func file(_ path: String) throws {
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    fact("file", "\(path), \(size ?? 0) bytes")
  }

  /// What a program consists of; its text goes to a file.
  public func program(_ jaxpr: Jaxpr, to path: String) throws {
    let counts = jaxpr.primitiveCounts
    let all = counts.reduce(0) { $0 + $1.count }
    fact("equations", "\(jaxpr.eqns.count), \(all) with the programs inside")
    fact("distinct primitives", counts.count)
    fact("most frequent", counts.prefix(12).map { "\($0.name) \($0.count)" })
    fact("inputs and outputs", (jaxpr.invars.count, jaxpr.outs.count))
    try Data("\(jaxpr)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    try file(path)
  }
}

/// A claim of a notebook that does not hold.
public struct ClaimError: Error, Equatable, CustomStringConvertible {
  /// What was claimed.
  public let statement: String

  /// A claim that does not hold.
  public init(statement: String) { self.statement = statement }

  /// One line.
  public var description: String { "the claim does not hold: \(statement)" }
}
