// The bar is for eyes: it writes to a terminal, over itself, and to nothing else.

import Synchronization
import Testing
import Training

/// What was written.
private final class Written: Sendable {
  private let stored = Mutex("")
  var text: String { stored.withLock { $0 } }
  func add(_ more: String) { stored.withLock { $0 += more } }
}

@Suite struct ProgressTests {
  @Test func `a terminal sees one line that is written over and vanishes`() {
    let written = Written()
    var bar = ProgressBar(total: 4, isTerminal: true) { written.add($0) }
    bar.show(1, "loss 0.5")
    bar.show(4, "loss 0.25")
    bar.clear()
    let lines = written.text.split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false)
    #expect(
      lines == [
        "", "██████·················· 1/4  loss 0.5",
        "████████████████████████ 4/4  loss 0.25", "",
      ])
    #expect(!written.text.contains("\n"))
  }

  @Test func `a pipe sees nothing, and the words are not even made`() {
    let written = Written()
    var bar = ProgressBar(total: 4, isTerminal: false) { written.add($0) }
    var made = 0
    func words() -> String {
      made += 1
      return "loss"
    }
    bar.show(4, words())
    bar.clear()
    #expect(written.text.isEmpty && made == 0)
  }

  @Test func `a bar has its width and a line its length, whatever is shown`() {
    let written = Written()
    var bar = ProgressBar(total: 2, isTerminal: true) { written.add($0) }
    bar.show(5, String(repeating: "w", count: 100))
    var empty = ProgressBar(total: 0, isTerminal: true) { written.add($0) }
    empty.show(0, "nothing")
    let lines = written.text.split(separator: "\r\u{1B}[K")
    let (full, none) = (String(repeating: "█", count: 24), String(repeating: "·", count: 24))
    #expect(lines.count == 2 && lines[0].hasPrefix("\(full) 5/2  ww"), "\(lines)")
    #expect(lines.first?.count == 78)
    #expect(lines.last?.hasPrefix("\(none) 0/1  nothing") == true)
  }

  @Test func `a bar is written at most ten times a second`() {
    let written = Written()
    var bar = ProgressBar(total: 1_000_000, isTerminal: true) { _ in written.add("x") }
    for i in 0..<1000 { bar.show(i, "") }
    // 1000 lines take no second to write; with a line each there would be 1000.
    #expect(written.text.count < 500)
  }
}
