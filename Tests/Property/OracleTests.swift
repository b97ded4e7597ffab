// The oracle on itself: reports say what was observed, where, what was allowed and what would have
// been seen; programs that are wrong in the ways of section 3 of the catalogue of faults fail.

import Catalogue
import Core
import Foundation
import Oracle
import TestSupport
import Testing

@Suite struct OracleTests {
  @Test func theReportSpellsOutAFailure() throws {
    let report = try withFault(RuleFault(.jvp, of: "sin", relative: 1e-3)) {
      try checkGradient({ try sin($0) }, at: Tensor([1, 2, 3], .f64), seed: 5)
    }
    let text = report.text(width: 90)
    for part in [
      "check of the gradient", "seed  5", "f(f64[3])", "jvp = differences", "0.001", "fail",
      "FAIL f(f64[3])", "result 0 [", "4 findings: 4 fail",
    ] {
      #expect(text.contains(part), "no \(part) in\n\(text)")
    }
    #expect(report.exitCode == 1)
  }

  @Test func columnsOfATableAreAligned() throws {
    let report = try checkGradient({ try tanh($0) }, at: Tensor([1, 2, 3], .f64), seed: 5)
    let rows = report.familyTable(width: 90).split(separator: "\n")
    #expect(rows.count == 6)
    let rule = try #require(rows.dropFirst().first)
    let starts = zip(rule.indices, rule).filter { $0.0 == rule.startIndex || $0.1 == "-" }.map(\.0)
    #expect(!starts.isEmpty)
    #expect(rows.allSatisfy { $0.count <= 90 })
    #expect(rows.dropFirst(2).allSatisfy { $0.contains("≥") && $0.hasSuffix("pass") })
  }

  @Test func aReportSurvivesItsJSON() throws {
    let report = try checkGradient({ try exp($0) }, at: Tensor([1, 2], .f64), seed: 5)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let read = try decoder.decode(Report.self, from: report.json())
    #expect(try read.json() == report.json())
  }

  /// A wrong derivative built from right ones: y's value with z's derivative.
  private static func disguised(_ y: Tensor, asDerivativeOf z: Tensor) throws -> Tensor {
    try stopGradient(y) + (z - stopGradient(z))
  }

  /// A function whose value is right and whose derivative is that of something else.
  struct Mutant: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let shape: [Int]
    let value: @Sendable (Tensor) throws -> Tensor
    let derivative: @Sendable (Tensor) throws -> Tensor
  }

  static let mutants = [
    Mutant(
      testDescription: "gelu differentiated by its tanh form", shape: [3],
      value: { try gelu($0, approximate: false) }, derivative: { try gelu($0) }),
    Mutant(
      testDescription: "log1p differentiated as log", shape: [3], value: { try log1p($0) },
      derivative: { try log($0) }),
    Mutant(
      testDescription: "variance with n - 1", shape: [4, 3],
      value: { try `var`($0, axes: [0]) }, derivative: { try `var`($0, axes: [0]) * (4.0 / 3) }),
    Mutant(
      testDescription: "mean without 1/n", shape: [4, 3], value: { try mean($0, axes: [1]) },
      derivative: { try sum($0, axes: [1]) }),
    Mutant(
      testDescription: "transposed by the permutation, not its inverse", shape: [3, 3, 3],
      value: { try transpose($0, [1, 2, 0]) }, derivative: { try transpose($0, [2, 0, 1]) }),
    Mutant(
      testDescription: "stride of a slice ignored", shape: [6],
      value: { try slice($0, start: [0], limit: [6], strides: [2]) },
      derivative: { try slice($0, start: [0], limit: [3]) }),
    Mutant(
      testDescription: "eps outside the root", shape: [5],
      value: { try rsqrt(`var`($0) + 1e-5) }, derivative: { try 1 / (sqrt(`var`($0)) + 1e-5) }),
    Mutant(
      testDescription: "eps 1e-6 for 1e-5", shape: [5],
      value: { try rsqrt(`var`($0) + 1e-5) }, derivative: { try rsqrt(`var`($0) + 1e-6) }),
    Mutant(
      testDescription: "floor differentiated straight through", shape: [3],
      value: { try floor($0) }, derivative: { $0 }),
    Mutant(
      testDescription: "2/√π to seven digits", shape: [3], value: { try erf($0) },
      derivative: { try erf($0) * (1.128379 / 1.1283791670955126) }),
  ]

  @Test(arguments: mutants)
  func aMutantIsKilled(mutant: Mutant) throws {
    let seed = SeededGenerator.testSeed
    var random = SeededGenerator(seed: seed)
    let count = mutant.shape.reduce(1, *)
    let x = Tensor(shape: mutant.shape, .f64((0..<count).map { _ in 1.1 + 0.8 * random.unit() }))
    let report = try checkGradient(
      { try Self.disguised(mutant.value($0), asDerivativeOf: mutant.derivative($0)) }, at: x,
      seed: seed)
    for check in ["jvp = differences", "vjp = differences"] {
      #expect(report.fails { $0 == check }, "seed \(seed)\n\(report.text())")
    }
    // The control: the same construction around the right derivative is accepted.
    expect(
      try checkGradient(
        { try Self.disguised(mutant.value($0), asDerivativeOf: mutant.value($0)) }, at: x,
        seed: seed))
  }
}
