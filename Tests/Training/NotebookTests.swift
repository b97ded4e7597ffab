// A notebook prints what it is told, and ends at the first claim that does not hold.

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
    let result = try page.section("one") {
      page.fact("sum", 3)
      try page.claim("it holds", 1 < 2)
      try page.refusal("nonsense") { throw ClaimError(statement: "no") }
      return 7
    }
    page.printTimes()
    #expect(result == 7)
    #expect(
      lines.all.prefix(4) == [
        "\n== one", "   sum: 3", "   ✓ it holds",
        "   ✓ refused: nonsense (the claim does not hold: no)",
      ])
    #expect(lines.all[4].hasPrefix("   [  0.0") && lines.all[4].hasSuffix(" s]"))
    #expect(lines.all[6].hasSuffix(" s  one") && lines.all[7].hasSuffix(" s  in all"))
  }

  @Test func `a claim that does not hold ends the notebook`() {
    let page = Notebook { _ in }
    #expect(throws: ClaimError(statement: "2 < 1")) { try page.claim("2 < 1", 2 < 1) }
    #expect(throws: ClaimError(statement: "refused: all is well")) {
      try page.refusal("all is well") {}
    }
  }
}
