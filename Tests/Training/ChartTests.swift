// Pictures: what the script says, what gnuplot makes of it, and what happens without gnuplot.

import Charts
import Foundation
import TestSupport
import Testing

@Suite struct ChartTests {
  private let chart = Chart(
    "loss", x: "epoch", y: "mean", isLogarithmic: true,
    [
      Chart.Series("training", y: [1, 0.1, .nan, 0, 0.01]),
      Chart.Series("noise", x: [1, 2], y: [0.5, .infinity], style: .points),
    ])

  @Test func `a script carries its data, and only points that have a place`() {
    #expect(
      chart.script == """
        $series0 << END
        1.0 1.0
        2.0 0.1
        5.0 0.01
        END
        $series1 << END
        1.0 0.5
        END
        set encoding utf8
        set terminal svg size 800,480 dynamic noenhanced background rgb 'white'
        set title 'loss'
        set xlabel 'epoch'
        set ylabel 'mean'
        set grid
        set key top right
        set logscale y
        plot $series0 using 1:2 with lines linewidth 2 title 'training', $series1 using 1:2 with \
        points pointtype 7 pointsize 0.3 title 'noise'

        """)
  }

  /// What would end a literal, a line or a picture, or start a program.
  static let hostile = [
    "it's", "`touch pwned`", "\"; system('touch pwned')", "a\nset output 'pwned'", "\\", "x_{2}^3",
    "<script>&amp;", "@macro", "END", "$x", "π √ 漢",
  ]

  @Test(arguments: hostile)
  func `a name is text and nothing else`(name: String) throws {
    var hostile = chart
    (hostile.title, hostile.xLabel, hostile.series[0].name) = (name, name, name)
    let lines = hostile.script.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines.count == chart.script.split(separator: "\n", omittingEmptySubsequences: false).count)
    guard let gnuplot = Gnuplot.find() else { return }
    try withTemporaryFolder { folder in
      let path = folder + "/chart.svg"
      #expect(try hostile.write(to: path, with: gnuplot) == .written(path))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["chart.svg"])
      #expect(!FileManager.default.fileExists(atPath: "pwned"))
      let picture = try String(contentsOfFile: path, encoding: .utf8)
      let shown = [("\n", " "), ("&", "&amp;"), ("<", "&lt;")].reduce(name) {
        $0.replacing($1.0, with: $1.1)
      }
      #expect(picture.contains(shown))
    }
  }

  @Test func `the same chart is the same picture`() throws {
    guard let gnuplot = Gnuplot.find() else { return }
    #expect(try gnuplot.svg(chart) == gnuplot.svg(chart))
  }

  @Test func `without gnuplot there is a sentence and no picture`() throws {
    try withTemporaryFolder { folder in
      #expect(Gnuplot.find(in: folder + ":/nowhere") == nil)
      let outcome = try chart.write(to: folder + "/chart.svg", with: nil)
      #expect(outcome == .noGnuplot)
      #expect("\(outcome)".contains("gnuplot is not installed"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func `a gnuplot that fails leaves the old picture and says why`() throws {
    try withTemporaryFolder { folder in
      let (fake, path) = (folder + "/gnuplot", folder + "/chart.svg")
      // Ends before it has read anything, with half a picture.
      try "#!/bin/sh\necho '<svg>'\necho 'no such terminal' >&2\nexit 3\n".write(
        toFile: fake, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake)
      try "old".write(toFile: path, atomically: true, encoding: .utf8)
      let found = Gnuplot.find(in: folder)
      let error = #expect(throws: ChartError.self) { try chart.write(to: path, with: found) }
      #expect(error == .failed("no such terminal"))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    }
  }

  @Test func `a chart without a point is refused by its title`() {
    let empty = Chart("loss", x: "x", y: "y", isLogarithmic: true, [Chart.Series("a", y: [0, -1])])
    #expect(throws: ChartError.nothingToDraw("loss")) {
      try Gnuplot(path: "/nowhere").svg(empty)
    }
  }
}
