// One seed for a run of the tests: the same every time, so that a failure repeats, unless the
// environment asks for another. `ASSAY_SEED=fresh make test` explores; every failure prints the seed.

package import Catalogue
import Foundation

extension SeededGenerator {
  /// The seed of this run: `ASSAY_SEED` if it is a number, a new one if it is `fresh`, else 2026.
  package static let testSeed: UInt64 = {
    let asked = ProcessInfo.processInfo.environment["ASSAY_SEED"] ?? ""
    return asked == "fresh" ? freshSeed() : UInt64(asked) ?? 2026
  }()
}
