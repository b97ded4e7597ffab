// MANIFEST.json: which files the generator wrote, and what they hashed to.
//
// A fixture that is not the one listed is stale or damaged; the error says which command makes it
// anew. A file in a folder without a manifest is read as it is.

import Foundation

/// The hashes of the fixtures of one folder.
public struct GoldenManifest: Decodable, Sendable {
  /// What is known of one file.
  public struct Entry: Decodable, Sendable {
    /// The hash in hexadecimal.
    public let sha256: String
    /// How many cases the file holds.
    public let cases: Int
  }

  /// The version of the layout.
  public let schema: Int
  /// The command line that wrote the folder.
  public let generator: String
  /// By file name.
  public let files: [String: Entry]
  /// The hashes of jaxprs/*.txt, by file name.
  public let jaxprs: [String: String]
  /// The hashes of the tables that are text, by file name.
  public let tables: [String: String]?

  /// The manifest in `folder`, or `nil` if there is none.
  public static func read(in folder: String) throws -> GoldenManifest? {
    let path = (folder as NSString).appendingPathComponent("MANIFEST.json")
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw GoldenError(path, nil, "cannot be read")
    }
    do {
      return try JSONDecoder().decode(GoldenManifest.self, from: data)
    } catch {
      throw GoldenError(path, nil, "is not a manifest; regenerate it with `make golden`")
    }
  }

  /// Checks that the file at `path` is the one listed.
  /// - Throws: `GoldenError` when it is not, or is not listed at all.
  public func check(_ path: String) throws -> Entry {
    let name = (path as NSString).lastPathComponent
    guard let entry = files[name] else {
      throw GoldenError(path, nil, "is not in MANIFEST.json; regenerate with `make golden`")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw GoldenError(path, nil, "cannot be read")
    }
    let found = SHA256.hexDigest([UInt8](data))
    guard found == entry.sha256 else {
      throw GoldenError(
        path, nil,
        "does not match MANIFEST.json (sha256 \(found.prefix(12))…, listed "
          + "\(entry.sha256.prefix(12))…); regenerate both with `make golden`")
    }
    return entry
  }
}
