// Progress on a terminal, nothing in a pipe.
//
// One line on standard error that is written over and vanishes at the end; at most ten times a second,
// so that showing it costs a fast training nothing.

internal import Foundation

/// A bar, how far it is, and a few words.
public struct ProgressBar: Sendable {
  private let total: Int
  private let isShown: Bool
  private let write: @Sendable (String) -> Void
  private var last: ContinuousClock.Instant?

  /// A bar of `total` parts on standard error, if that is a terminal.
  public init(total: Int) {
    self.init(total: total, isTerminal: isatty(STDERR_FILENO) != 0) { text in
      FileHandle.standardError.write(Data(text.utf8))
    }
  }

  /// A bar that is written by `write`, unless it is no terminal's.
  public init(total: Int, isTerminal: Bool, write: @escaping @Sendable (String) -> Void) {
    self.total = max(1, total)
    isShown = isTerminal
    self.write = write
  }

  /// Shows that `done` parts are over; `words` are asked for only then.
  public mutating func show(_ done: Int, _ words: @autoclosure () -> String) {
    guard isShown else { return }
    let now = ContinuousClock.now
    if let last, now - last < .milliseconds(100), done < total { return }
    last = now
    let width = 24
    let filled = min(width, done * width / total)
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled)
    write("\r\u{1B}[K" + "\(bar) \(done)/\(total)  \(words())".prefix(78))
  }

  /// Removes the line.
  public func clear() {
    if isShown { write("\r\u{1B}[K") }
  }
}
