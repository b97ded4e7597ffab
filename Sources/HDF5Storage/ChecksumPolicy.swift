// May HDF5 be trusted with this file? In files from superblock version 2 on, every piece of metadata
// carries a checksum that the C library verifies before it believes a size or an address, with one
// exception: the global heap, which holds texts of variable length. That one is walked here instead.
// Measured with HDF5 1.10.8 on a file of the older format: of 24,555 single-byte changes, 63 crashed the
// library, hung it or made it take gigabytes. Forged checksums are beyond this module.

internal import Foundation

/// What in the file HDF5 would believe unchecked, if anything; `nil` also where HDF5 will not open it.
func uncheckedPart(of path: String) throws -> StorageError.Reason? {
  guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else {
    throw StorageError(file: path, .noPermission)
  }
  return data.withUnsafeBytes { file -> StorageError.Reason? in
    guard let version = superblockVersion(file) else { return nil }
    // The older superblock is itself without a checksum, so a cut is told from its length alone.
    guard version >= 2 else { return isCut(file, version) ? .truncated : .withoutChecksums }
    return hasSoundGlobalHeaps(file) ? nil : .damaged("bad global heap")
  }
}

/// The version after the signature, which stands at 0 or, after a user block, at 512, 1024, 2048, ...
private func superblockVersion(_ file: UnsafeRawBufferPointer) -> UInt8? {
  let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
  var start = 0
  while start + signature.count < file.count {
    if file[start..<start + signature.count].elementsEqual(signature) {
      return file[start + signature.count]
    }
    start = start == 0 ? 512 : 2 * start
  }
  return nil
}

/// Whether the older superblock (at 0, with eight-byte addresses) says that the file goes on beyond its
/// end. The end-of-file address stands at byte 40 in version 0, and 44 in version 1.
private func isCut(_ file: UnsafeRawBufferPointer, _ version: UInt8) -> Bool {
  let place = version == 0 ? 40 : 44
  guard file.count >= place + 8 else { return true }
  return file.integer(at: place, as: UInt64.self) > UInt64(file.count)
}

/// Whether the objects of every global heap fill their collection exactly.
private func hasSoundGlobalHeaps(_ file: UnsafeRawBufferPointer) -> Bool {
  // "GCOL", version 1, three reserved zeros: by chance in 1 of 2^64 places of other data.
  let mark = Data([0x47, 0x43, 0x4F, 0x4C, 1, 0, 0, 0])
  guard let base = file.baseAddress else { return true }
  let whole = Data(
    bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: file.count, deallocator: .none)
  var from = 0
  while let found = whole.range(of: mark, in: from..<file.count) {
    guard isSoundCollection(file, at: found.lowerBound) else { return false }
    from = found.upperBound
  }
  return true
}

/// Walks one collection (HDF5 file format specification, III.E): a header of 16 bytes with the size of
/// the whole; then objects, each with 16 bytes of its own (index, references, four zeros, size) and its
/// data padded to 8; object 0 is the free space, whose size includes its own header.
private func isSoundCollection(_ file: UnsafeRawBufferPointer, at start: Int) -> Bool {
  guard file.count - start >= 16,
    let size = Int(exactly: file.integer(at: start + 8, as: UInt64.self)), size >= 16,
    size <= file.count - start
  else { return false }
  let end = start + size
  var place = start + 16
  while end - place >= 16 {
    let index = file.integer(at: place, as: UInt16.self)
    guard file.integer(at: place + 4, as: UInt32.self) == 0,
      let length = Int(exactly: file.integer(at: place + 8, as: UInt64.self)),
      length <= end - place
    else { return false }
    if index == 0 { return length == end - place }
    place += 16 + (length + 7) / 8 * 8
  }
  return place <= end
}

extension UnsafeRawBufferPointer {
  /// The little-endian integer at a byte offset that the caller has checked.
  fileprivate func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as type: Value.Type
  ) -> Value {
    Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
  }
}
