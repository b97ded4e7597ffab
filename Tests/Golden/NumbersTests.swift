// Golden: fixtures/numbers.h5, every function of DoubleDouble against mpmath at 400 bits.
//
// Special results (NaN, infinities, zeros) must agree in class and sign; all others within the
// bound that NumbersTable.swift states for the function.

import Core
import Foundation
import HDF5Storage
import Testing

/// One row: the arguments as pairs, the exact result as a sum of three doubles.
private struct Row {
  let arguments: [DoubleDouble]
  let expected: [Double]

  var isSpecial: Bool { !expected[0].isFinite || expected[0] == 0 }

  /// Whether a special result has the right class and sign, and no low part.
  func isSame(_ y: DoubleDouble) -> Bool {
    if expected[0].isNaN { return y.isNaN }
    return y.hi == expected[0] && y.hi.sign == expected[0].sign && y.lo == 0
  }

  /// |y − expected|; the differences of the leading parts are exact where it matters.
  func error(of y: DoubleDouble) -> Double {
    ((y.hi - expected[0]) + (y.lo - expected[1]) - expected[2]).magnitude
  }
}

private func openNumbers() throws -> HDF5File {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return try HDF5File.open(root.appending(path: "fixtures/numbers.h5").path)
}

/// The rows of a two-dimensional dataset of doubles.
private func matrix(_ path: String, in file: HDF5File) throws -> [[Double]] {
  let array = try file.array(at: path)
  guard case .f64(let values) = array.elements, array.shape.count == 2 else {
    Issue.record("\(path) is not a matrix of f64")
    return []
  }
  let width = array.shape[1]
  return (0..<array.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
}

private func rows(of function: String, in file: HDF5File) throws -> [Row] {
  let inputs = try matrix("/\(function)/in", in: file)
  let outputs = try matrix("/\(function)/out", in: file)
  #expect(inputs.count == outputs.count)
  return zip(inputs, outputs).map { input, output in
    let arguments = stride(from: 0, to: input.count, by: 2).map {
      DoubleDouble(hi: input[$0], lo: input[$0 + 1])
    }
    return Row(arguments: arguments, expected: output)
  }
}

@Suite struct NumbersTests {
  @Test func `the file and the table name the same functions`() throws {
    let inFile = try openNumbers().children().map(\.name)
    #expect(Set(inFile) == Set(numbersTable.map(\.name)))
  }

  @Test(arguments: numbersTable)
  func `a double-double function errs by no more than it promises`(entry: NumbersEntry) throws {
    let rows = try rows(of: entry.name, in: openNumbers())
    #expect(!rows.isEmpty)
    for row in rows {
      let y = entry.evaluate(row.arguments)
      if row.isSpecial {
        #expect(row.isSame(y), "\(entry.name)(\(row.arguments)): \(y), not \(row.expected[0])")
      } else {
        let units = row.error(of: y) / entry.scale(row.arguments, row.expected[0]) * 0x1p104
        #expect(units <= entry.bound, "\(entry.name)(\(row.arguments)) = \(y): off by \(units) u")
      }
    }
  }
}
