// A program that reads like a notebook: sections with their times, facts that are shown, and claims that
// are checked. A claim that does not hold is an error, so that a program which ends well has shown what it
// says.

/// Sections, facts and claims, printed as they come.
public final class Notebook {
  private let print: (String) -> Void
  private var times: [(title: String, seconds: Double)] = []
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  /// A notebook that is printed by `print`.
  public init(print: @escaping (String) -> Void = { Swift.print($0) }) {
    self.print = print
    start = clock.now
  }

  /// A titled part of the program; its time is printed below it.
  public func section<Result>(_ title: String, _ body: () throws -> Result) rethrows -> Result {
    print("\n== \(title)")
    let began = clock.now
    let result = try body()
    let seconds = Self.seconds(clock.now - began)
    times.append((title, seconds))
    print("   [\(Self.text(seconds)) s]")
    return result
  }

  /// Shows a value under a name; further lines stand further in.
  public func fact(_ name: String, _ value: Any) {
    print("   \(name): \("\(value)".replacing("\n", with: "\n     "))")
  }

  /// Shows that a statement holds.
  /// - Throws: `ClaimError` if it does not.
  public func claim(_ statement: String, _ holds: @autoclosure () throws -> Bool) throws {
    guard try holds() else { throw ClaimError(statement: statement) }
    print("   ✓ \(statement)")
  }

  /// Shows that `body` is refused, and in which words.
  /// - Throws: `ClaimError` if it is not.
  public func refusal(_ what: String, _ body: () throws -> Void) throws {
    do { try body() } catch {
      return print("   ✓ refused: \(what) (\(error))")
    }
    throw ClaimError(statement: "refused: \(what)")
  }

  /// The time of each section, and of all from the beginning.
  public func printTimes() {
    print("\n== wall time")
    let all = times + [("in all", Self.seconds(clock.now - start))]
    for (title, seconds) in all { print("   \(Self.text(seconds)) s  \(title)") }
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

/// A claim of a notebook that does not hold.
public struct ClaimError: Error, Equatable, CustomStringConvertible {
  /// What was claimed.
  public let statement: String

  /// A claim that does not hold.
  public init(statement: String) { self.statement = statement }

  /// One line.
  public var description: String { "the claim does not hold: \(statement)" }
}
