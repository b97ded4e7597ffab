// The first 512 bytes of an archive, which HDF5 leaves to us: a line with the checksum of all bytes
// after them, then zeros. Invariant: of all seals exactly one fits a file, so no byte can change.

internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

enum ArchiveSeal {
  /// The smallest block that HDF5 can leave free.
  static let size = 512
  private static let title = "assay archive 1"

  /// Puts the seal on the finished file at `path`.
  static func put(on path: String) throws {
    let source = try ByteSource(path: path)
    _ = try source.read(size)
    let seal = try make(source)
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw SerialisationError(writingFault()) }
    defer { close(file) }
    guard pwrite(file, seal, seal.count, 0) == seal.count else {
      throw SerialisationError(writingFault())
    }
  }

  /// That the file at `path` is an archive as it was written.
  static func check(_ path: String) throws {
    let source = try ByteSource(path: path)
    guard source.count >= size else {
      throw SerialisationError(.truncated(needed: size, available: source.count), offset: 0)
    }
    let found = Array(try source.read(size))
    guard found.starts(with: title.utf8) else {
      throw SerialisationError(.notThisFormat("an archive of this library"), offset: 0)
    }
    guard try make(source) == found else { throw SerialisationError(.checksum) }
  }

  /// The seal that fits the bytes that are left, which are all after the first 512.
  private static func make(_ source: ByteSource) throws -> [UInt8] {
    var checksum = CRC64()
    while source.remaining > 0 {
      let piece = try source.read(min(source.remaining, 1 << 16))
      piece.withUnsafeBytes { checksum.update($0) }
    }
    let digits = String(checksum.value, radix: 16)
    let padded = String(repeating: "0", count: 16 - digits.count) + digits
    let text = Array("\(title) crc64 \(padded)\n".utf8)
    return text + [UInt8](repeating: 0, count: size - text.count)
  }
}
