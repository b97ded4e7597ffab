// Numbers for the laws of the layers: whole numbers and quarters, on which sums and products are
// exact in f64, so that laws of sums hold bit for bit and need no bound.

import Catalogue
import Core
import NN
import TestSupport
import Testing

/// Whole numbers from −8 to 8, f64, from stream `index` of the run's seed.
func wholes(_ shape: [Int], _ index: Int) -> Tensor {
  var random = SeededGenerator(seed: .testSeed, name: "wholes", index)
  let values = (0..<shape.reduce(1, *)).map { _ in (random.unit() * 16 - 8).rounded() }
  return Tensor(shape: shape, .f64(values))
}

/// The numbers 0, 1, … in order, f64.
func counting(_ shape: [Int]) -> Tensor {
  Tensor(shape: shape, .f64((0..<shape.reduce(1, *)).map { Double($0) }))
}

/// Whether both have one shape and equal numbers (0 and −0 are equal).
func agree(_ a: Tensor, _ b: Tensor) throws -> Bool {
  try a.aval == b.aval && a.scalars == b.scalars
}

/// Records an issue that names the seed unless both have one shape and equal numbers.
func expectAgree(
  _ a: Tensor, _ b: Tensor, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let holds = try agree(a, b)
  #expect(
    holds, "\(what) seed \(UInt64.testSeed): \(a) and \(b)", sourceLocation: sourceLocation)
}

/// Whether `body` throws a `LayerError` or a `TraceError` whose text contains `words`.
func refuses(_ words: String, _ body: () throws -> some Any) -> Bool {
  do {
    _ = try body()
    return false
  } catch let error as LayerError {
    return error.description.contains(words)
  } catch let error as TraceError {
    return error.description.contains(words)
  } catch { return false }
}
