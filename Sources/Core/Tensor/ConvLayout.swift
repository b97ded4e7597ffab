// The axes of a convolution written as letters: N batch, C feature, O and I output and input features
// of the kernel, any other letter a spatial axis, the same set of letters in all three.

extension ConvDimensionNumbers {
  /// The dimension numbers of `"NHWC"`, `"HWIO"`, `"NHWC"`; spatial axes in the order of the rhs.
  /// - Throws: `TraceError.illTyped` when a letter is missing or stands twice.
  public init(lhs: String, rhs: String, out: String) throws {
    let letters = [lhs, rhs, out].map { Array($0) }
    let named: [[Character]] = [["N", "C"], ["O", "I"], ["N", "C"]]
    for (i, (spec, pair)) in zip(letters, named).enumerated() {
      let text = String(spec)
      try require(
        pair.allSatisfy { letter in spec.count { $0 == letter } == 1 },
        "convolution dimension_numbers[\(i)] must contain the characters '\(pair[0])' and "
          + "'\(pair[1])' exactly once, got \(text).")
      try require(
        Set(spec).count == spec.count,
        "convolution dimension_numbers[\(i)] cannot have duplicate characters, got \(text).")
    }
    let spatial = letters[1].filter { !named[1].contains($0) }
    try require(
      zip(letters, named).allSatisfy { Set($0).subtracting($1) == Set(spatial) },
      "convolution dimension_numbers elements must each have the same set of spatial characters, "
        + "got ('\(lhs)', '\(rhs)', '\(out)').")
    let specs = zip(letters, named).map { spec, pair in
      (pair + spatial).compactMap { spec.firstIndex(of: $0) }
    }
    self.init(lhsSpec: specs[0], rhsSpec: specs[1], outSpec: specs[2])
  }

  /// Features last, as `conv_transpose` has them by default.
  /// - Throws: `TraceError.illTyped` beyond three spatial axes.
  static func featuresLast(rank: Int) throws -> ConvDimensionNumbers {
    let spaces = ["", "H", "HW", "HWD"]
    try require(
      spaces.indices.contains(rank - 2), "No 4+ dimensional dimension_number defaults.")
    let space = spaces[rank - 2]
    return try ConvDimensionNumbers(lhs: "N\(space)C", rhs: "\(space)IO", out: "N\(space)C")
  }
}
