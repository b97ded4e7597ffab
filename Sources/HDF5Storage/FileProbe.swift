// Why can this path not be opened? The system is asked before HDF5, because HDF5 answers "unable to
// open file" to everything.

internal import CHDF5
internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The size of the regular, readable file at `path`.
func regularFileSize(_ path: String) throws -> Int {
  var status = stat()
  guard !path.utf8.contains(0) else { throw StorageError(file: path, .missingFile) }
  guard stat(path, &status) == 0 else {
    throw StorageError(file: path, errno == EACCES ? .noPermission : .missingFile)
  }
  switch status.st_mode & S_IFMT {
  case S_IFREG: break
  case S_IFDIR: throw StorageError(file: path, .isDirectory)
  case _: throw StorageError(file: path, .notRegularFile)
  }
  guard access(path, R_OK) == 0 else { throw StorageError(file: path, .noPermission) }
  return Int(status.st_size)
}

/// The reason why HDF5 refused to open a regular, readable file.
func openingFault(
  _ path: String, byteCount: Int, _ failure: (text: String, truncated: Bool)
) -> StorageError.Reason {
  if failure.truncated { return .truncated }
  if H5Fis_hdf5(path) > 0 { return .damaged(failure.text) }
  let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
  let start = FileManager.default.contents(atPath: path, upTo: signature.count)
  return !start.isEmpty && start.elementsEqual(signature.prefix(start.count))
    ? .truncated : .notHDF5
}

extension FileManager {
  /// The first bytes of a file; none if it cannot be read.
  fileprivate func contents(atPath path: String, upTo count: Int) -> [UInt8] {
    guard let file = FileHandle(forReadingAtPath: path) else { return [] }
    defer { try? file.close() }
    return (try? file.read(upToCount: count)).flatMap { $0 }.map { Array($0) } ?? []
  }
}
