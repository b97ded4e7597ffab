// What saving and loading .eqx files costs: 100 MB in four tensors, and 10,000 tensors of eight numbers.
//
// The trees and the names of the measures are those of Benchmarks/peers/serialisation.py. A file is
// written over its predecessor and read from the system's cache.

import Assay
import Foundation

func benchmarkSerialisation(_ settings: Settings) throws {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "assay-benchmark-\(ProcessInfo.processInfo.processIdentifier)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: folder) }
  let few = filled(count: 4, size: 6_553_600)
  let many = filled(count: 10_000, size: 8)
  for (name, tree) in [("few", few), ("many", many)] {
    let path = folder.appending(path: "\(name).eqx").path
    let save = try Measurement.repeated(15) { try serialiseLeaves(tree, to: path) }
    report("serialisation", "save/\(name)", settings, unit: "ms", save) { $0 * 1e3 }
    let load = try Measurement.repeated(15) { _ = try deserialiseLeaves(from: path, like: tree) }
    report("serialisation", "load/\(name)", settings, unit: "ms", load) { $0 * 1e3 }
  }
}

/// Tensors of `size` equal numbers.
private func filled(count: Int, size: Int) -> [Tensor] {
  (0..<count).map { i in Tensor(shape: [size], .f32([Float](repeating: Float(i), count: size))) }
}
