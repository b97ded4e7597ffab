// A notebook prints what it is told, and ends at the first claim that does not hold.

import Core
import Foundation
import TestSupport
import Testing
import Training

/// The lines of a notebook.
private final class Lines {
  var all: [String] = []
}

@Suite struct NotebookTests {
  @Test func `sections, facts and claims are printed as they come`() throws {
    let lines = Lines()
    let page = Notebook { lines.all.append($0) }
    page.section("one")
    page.fact("sum", 3)
    try page.claim("it holds", 1 < 2)
    page.section("two")
    try page.refusal("nonsense") { throw ClaimError(statement: "no") }
    page.end()
    let isTime = { (line: String, end: String) in line.hasPrefix("     0.") && line.hasSuffix(end) }
    #expect(lines.all.count == 12, "\(lines.all)")
    #expect(lines.all.prefix(3) == ["\n== one", "   sum: 3", "   ✓ it holds"])
    #expect(lines.all[3].hasPrefix("   [  0.") && lines.all[3].hasSuffix(" s]"))
    #expect(lines.all[4] == "\n== two")
    #expect(lines.all[5] == "   ✓ refused: nonsense (the claim does not hold: no)")
    #expect(lines.all[7] == "\n== wall time")
    #expect(isTime(lines.all[8], " s  one") && isTime(lines.all[9], " s  two"), "\(lines.all)")
    #expect(lines.all[10].hasSuffix(" s  in all"))
  }

  @Test func `the end says how many claims held`() throws {
    let lines = Lines()
    let page = Notebook { lines.all.append($0) }
    for i in 0..<3 { try page.claim("\(i)", true) }
    page.end()
    #expect(lines.all.last == "3 claims hold")
  }

  @Test func `of a history every tenth epoch is shown, and the first`() {
    let lines = Lines()
    let page = Notebook { lines.all.append($0) }
    var history = History()
    for epoch in 1...21 {
      history.training.append(Double(epoch))
      history.validation.append(1)
      page.epoch(history)
    }
    let shown = [1, 10, 20].map { "   after: epoch \($0): training \($0).0, validation 1.0" }
    #expect(lines.all == shown)
  }

  @Test func `a program is counted and its text written beside`() throws {
    try withTemporaryFolder { folder in
      let lines = Lines()
      let page = Notebook { lines.all.append($0) }
      let jaxpr = try makeJaxpr { [try sin($0[0]) * $0[0]] }([ShapedArray(.f32, [3])])
      try page.program(jaxpr, to: folder + "/text")
      let size = "\(jaxpr)".utf8.count + 1
      #expect(
        lines.all == [
          "   equations: 2, 2 with the programs inside", "   distinct primitives: 2",
          #"   most frequent: ["mul 1", "sin 1"]"#, "   inputs and outputs: (1, 1)",
          "   file: \(folder)/text, \(size) bytes",
        ])
      #expect(try String(contentsOfFile: folder + "/text", encoding: .utf8) == "\(jaxpr)\n")
      #expect(throws: (any Error).self) { try page.program(jaxpr, to: folder + "/none/text") }
    }
  }

  @Test func `a claim that does not hold ends the notebook`() {
    let page = Notebook { _ in }
    #expect(throws: ClaimError(statement: "2 < 1")) { try page.claim("2 < 1", 2 < 1) }
    #expect(throws: ClaimError(statement: "refused: all is well")) {
      try page.refusal("all is well") {}
    }
  }
}
