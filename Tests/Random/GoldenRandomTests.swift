// random.h5: every sampler of the real JAX. What its bits define must come out bit for bit on every
// backend, eager and compiled; the rest is scored against the truth like every other family.

import Catalogue
import Core
import HDF5Storage
import OpenBLASBackend
import Oracle
import TestSupport
import Testing

/// A backend and its errors as a test argument.
struct RandomBackend: Sendable, CustomTestStringConvertible {
  let audited: AuditedBackend

  var testDescription: String { audited.model.name }

  static let all = [
    RandomBackend(audited: AuditedBackend(ReferenceBackend(), model: .reference)),
    RandomBackend(audited: AuditedBackend(OpenBLASBackend(), model: .openBLAS)),
  ]
}

private let path = fixturePath("random.h5")

/// Programs that round nothing, or nothing but what IEEE 754 prescribes.
private let exactPrograms: Set = [
  "random_key", "random_split", "random_fold_in", "random_bits", "random_bits64",
  "random_uniform", "random_uniform_between", "random_bernoulli", "random_bernoulli_of",
  "random_rademacher", "random_randint", "random_randint_between", "random_permutation",
  "random_permutation_of", "random_choice", "random_choice_of",
]

extension StoredArray {
  /// The array as a tensor.
  fileprivate func tensor() throws -> Tensor {
    switch elements {
    case .f32(let x): return Tensor(shape: shape, .f32(x))
    case .f64(let x): return Tensor(shape: shape, .f64(x))
    case .i32(let x): return Tensor(shape: shape, .i32(x))
    case .u32(let x): return Tensor(shape: shape, .u32(x))
    case .bool(let x): return Tensor(shape: shape, .bool(x))
    case .i64, .u8: throw TraceError.badArgument("a dataset of a dtype that tensors lack")
    }
  }
}

/// The datasets `prefix0`, `prefix1`, … of a group, or the only one without a number.
private func tensors(_ file: HDF5File, _ group: String, _ prefix: String) throws -> [Tensor] {
  let names = Set(try file.children(of: group).map(\.name))
  if names.contains(prefix) { return [try file.array(at: "\(group)/\(prefix)").tensor()] }
  return try names.indices.isEmpty
    ? []
    : (0..<names.count).map { try file.array(at: "\(group)/\(prefix)\($0)").tensor() }
}

@Suite struct GoldenRandomTests {
  @Test(arguments: RandomBackend.all)
  func `RN-01 to RN-08 and DO-07 draws that bits define equal the goldens bit for bit`(
    backend: RandomBackend
  ) throws {
    let file = try HDF5File.open(path)
    let cases = try GoldenFile(path).cases.filter {
      exactPrograms.contains($0.program) && !$0.path.contains("weighted")
    }
    #expect(Set(cases.map(\.program)) == exactPrograms)
    for golden in cases {
      let program = try Catalogue.program(named: golden.program, parameters: golden.parameters)
      let operands = try tensors(file, "\(golden.path)/in/u32", "x")
      let expected = try tensors(file, "\(golden.path)/out/u32", "value")
      let drawn = try withBackend(backend.audited.backend) {
        [try program.function(operands), try jit(program.function)(operands)]
      }
      for results in drawn {
        #expect(results.map(\.aval) == expected.map(\.aval), "\(golden.path)")
        for (one, other) in zip(results, expected) {
          let isEqual = try one.storage.isBitwiseEqual(to: other.storage)
          let count = try different(one, other)
          #expect(isEqual, "\(golden.path): \(count) of \(one.aval.size) differ")
        }
      }
    }
  }

  @Test(arguments: RandomBackend.all)
  func `goldens and draws lie in the enclosures of the truth`(backend: RandomBackend) throws {
    let report = try GoldenVerifier(files: [path], backends: [backend.audited]).run()
    expect(report)
    #expect(report.findings.contains { $0.allowed > 0 && $0.compared > 0 })
  }
}

/// How many elements differ in value.
private func different(_ x: Tensor, _ y: Tensor) throws -> Int {
  zip(try x.scalars, try y.scalars).count { $0 != $1 }
}
