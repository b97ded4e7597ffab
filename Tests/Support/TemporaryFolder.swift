// A folder of its own for each test that writes files; gone when the test ends, passed or failed.

internal import Foundation

/// Calls `body` with the path of a new, empty folder, and removes it afterwards.
package func withTemporaryFolder<Result>(
  _ body: (_ folder: String) throws -> Result
) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "assay-" + UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}
