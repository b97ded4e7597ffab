// A fixture written again, changed on purpose: what tests of the golden reader feed it.

internal import Foundation
package import HDF5Storage

/// The path of a file under fixtures/.
package func fixturePath(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures").appending(path: name).path
}

/// What a copy leaves as it is, changes or leaves out.
package struct FixtureEdit {
  /// The case to copy, from the root: `/sin/random/2x3`.
  package var casePath: String
  /// A dataset's new contents; `nil` leaves it out.
  package var dataset: (_ path: String, _ array: StoredArray) -> StoredArray? = { $1 }
  /// An attribute's new value; `nil` leaves it out. The file's own have the path `/`.
  package var attribute:
    (_ path: String, _ name: String, _ value: StoredAttribute)
      -> StoredAttribute? = { $2 }

  /// A copy of one case as it is.
  package init(casePath: String) { self.casePath = casePath }
}

/// Writes `edit` of the fixture at `source` to `target`.
package func copyFixture(_ source: String, to target: String, _ edit: FixtureEdit) throws {
  let file = try HDF5File.open(source)
  try HDF5File.create(target) { writer in
    func copyAttributes(of path: String) throws {
      for name in try file.attributeNames(of: path) {
        let value = try file.attribute(name, of: path)
        guard let edited = edit.attribute(path, name, value) else { continue }
        try writer.setAttribute(name, of: path, to: edited)
      }
    }
    try copyAttributes(of: "/")
    for relative in try file.datasetPaths(under: edit.casePath) {
      let path = "\(edit.casePath)/\(relative)"
      guard let array = edit.dataset(path, try file.array(at: path)) else { continue }
      try writer.write(array, at: path)
      try copyAttributes(of: path)
    }
    try copyAttributes(of: edit.casePath)
  }
}
