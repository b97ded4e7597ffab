// Progress on a terminal, nothing in a pipe.

import Catalogue
import Foundation

/// One line on standard error that says what is being done, and vanishes at the end.
struct Progress {
  private let isShown = isatty(STDERR_FILENO) != 0

  /// Runs `body` on each sample, saying which.
  static func over(_ samples: [Sample], _ body: (Sample) throws -> Void) rethrows {
    let progress = Progress()
    for (index, sample) in samples.enumerated() {
      progress.show("[\(index + 1)/\(samples.count)] \(sample.label)")
      try body(sample)
    }
    progress.clear()
  }

  /// Replaces the line.
  func show(_ what: String) { write("\r\u{1B}[K\(what.prefix(78))") }

  /// Removes the line.
  func clear() { write("\r\u{1B}[K") }

  private func write(_ text: String) {
    if isShown { FileHandle.standardError.write(Data(text.utf8)) }
  }
}
