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
  let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
  let start = firstBytes(of: path, count: signature.count + 1)
  let common = min(start.count, signature.count)
  guard common > 0, start.prefix(common) == signature.prefix(common) else {
    // A user block may come first; HDF5 knows where else to look.
    return H5Fis_hdf5(path) > 0 ? .damaged(failure.text) : .notHDF5
  }
  return byteCount < superblockSize(start) ? .truncated : .damaged(failure.text)
}

/// The size of the superblock whose version is the byte after the signature, with the usual eight-byte
/// addresses (HDF5 file format specification, II.A): 96 and 100 bytes in versions 0 and 1, then 48.
private func superblockSize(_ start: ArraySlice<UInt8>) -> Int {
  switch start.dropFirst(8).first {
  case 0: 96
  case 1: 100
  case _: 48
  }
}

/// The first bytes of a file; none if it cannot be read.
private func firstBytes(of path: String, count: Int) -> ArraySlice<UInt8> {
  guard let file = FileHandle(forReadingAtPath: path) else { return [] }
  defer { try? file.close() }
  let bytes = try? file.read(upToCount: count)
  return bytes.map { [UInt8]($0)[...] } ?? []
}
