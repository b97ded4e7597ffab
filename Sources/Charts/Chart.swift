// A chart as data: titles, axes and series of points, and the gnuplot script that draws it.
//
// The script carries its data, so that one stream is all that gnuplot reads. Every text of a caller goes
// into single quotes, where gnuplot expands nothing (no escapes, no backquotes, no macros), and the
// terminal is told not to read markup out of it.

/// Points over two axes.
public struct Chart: Sendable {
  /// What stands above.
  public var title: String
  /// What the horizontal axis shows.
  public var xLabel: String
  /// What the vertical axis shows.
  public var yLabel: String
  /// Whether the vertical axis is logarithmic; numbers up to 0 have no place there.
  public var isLogarithmic: Bool
  /// What is drawn, the later over the earlier.
  public var series: [Series]

  /// A named list of points.
  public struct Series: Sendable {
    /// How a series is drawn.
    public enum Style: Sendable { case line, points }

    /// Its name in the key.
    public var name: String
    /// The horizontal coordinates.
    public var x: [Double]
    /// The vertical coordinates, as many.
    public var y: [Double]
    /// Joined by a line, or dots.
    public var style: Style

    /// Points at `x` and `y`; what one list has more than the other is not drawn.
    public init(_ name: String, x: [Double], y: [Double], style: Style = .line) {
      (self.name, self.x, self.y, self.style) = (name, x, y, style)
    }

    /// Points at 1, 2, … and `y`.
    public init(_ name: String, y: [Double], style: Style = .line) {
      self.init(name, x: y.indices.map { Double($0 + 1) }, y: y, style: style)
    }
  }

  /// A chart of these series.
  public init(
    _ title: String, x: String, y: String, isLogarithmic: Bool = false, _ series: [Series]
  ) {
    (self.title, xLabel, yLabel) = (title, x, y)
    (self.isLogarithmic, self.series) = (isLogarithmic, series)
  }

  /// The points of a series that have a place on the axes.
  func points(_ series: Series) -> [(x: Double, y: Double)] {
    zip(series.x, series.y).filter { x, y in
      x.isFinite && y.isFinite && (!isLogarithmic || y > 0)
    }.map { ($0, $1) }
  }

  /// The script that draws the chart as SVG on standard output.
  public var script: String {
    let drawn = series.map { ($0, points($0)) }.filter { !$0.1.isEmpty }
    let blocks = drawn.enumerated().map { i, entry in
      "$series\(i) << END\n" + entry.1.map { "\($0.x) \($0.y)\n" }.joined() + "END\n"
    }
    let plots = drawn.enumerated().map { i, entry in
      "$series\(i) using 1:2 with \(entry.0.style.words) title \(quoted(entry.0.name))"
    }
    let settings = [
      "set encoding utf8",
      "set terminal svg size 800,480 dynamic noenhanced background rgb 'white'",
      "set title \(quoted(title))", "set xlabel \(quoted(xLabel))", "set ylabel \(quoted(yLabel))",
      "set grid", "set key top right", isLogarithmic ? "set logscale y" : "unset logscale",
    ]
    return blocks.joined() + settings.joined(separator: "\n") + "\nplot "
      + plots.joined(separator: ", ") + "\n"
  }
}

extension Chart.Series.Style {
  fileprivate var words: String {
    switch self {
    case .line: "lines linewidth 2"
    case .points: "points pointtype 7 pointsize 0.3"
    }
  }
}

/// `text` as gnuplot's literal: a quote is doubled, and what would end the line is a space.
private func quoted(_ text: String) -> String {
  let safe = text.unicodeScalars.map { scalar -> String in
    if scalar == "'" { return "''" }
    return scalar.properties.generalCategory == .control ? " " : String(scalar)
  }
  return "'" + safe.joined() + "'"
}
