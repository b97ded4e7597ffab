// Progress on a terminal, nothing in a pipe.

import Foundation

/// One line on standard error that counts what is done, and vanishes at the end.
struct Progress {
  private let total: Int
  private let isShown = isatty(STDERR_FILENO) != 0
  private var done = 0

  init(total: Int) { self.total = total }

  /// Counts one more, and says what it was.
  mutating func advance(_ what: String) {
    done += 1
    write("\r\u{1B}[K[\(done)/\(total)] \(what.prefix(60))")
  }

  /// Clears the line.
  func finish() { write("\r\u{1B}[K") }

  private func write(_ text: String) {
    if isShown { FileHandle.standardError.write(Data(text.utf8)) }
  }
}
