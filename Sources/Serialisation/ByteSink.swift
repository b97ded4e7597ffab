// Where written bytes go: to memory, or to a file by way of a small buffer.
//
// A large block goes to the file directly from where it lies, so that saving a tensor copies nothing
// in this process. Invariant: bytes arrive in the order of the calls.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Collects bytes, or passes them on to an open file.
final class ByteSink {
  private static let bufferSize = 1 << 18

  /// What has not been passed on; everything, when there is no file.
  private(set) var bytes: [UInt8] = []
  private let file: Int32?
  /// The number of bytes so far.
  private(set) var offset = 0

  /// A sink into memory.
  init() { file = nil }

  /// A sink into an open file, which stays open.
  init(file: Int32) {
    self.file = file
    bytes.reserveCapacity(Self.bufferSize)
  }

  /// Appends a block.
  func write(_ block: UnsafeRawBufferPointer) throws {
    offset += block.count
    guard let file else { return bytes.append(contentsOf: block) }
    if bytes.count + block.count > Self.bufferSize { try flush() }
    if block.count > Self.bufferSize {
      reserve(block.count, at: offset - block.count, in: file)
      return try writeAll(block, to: file)
    }
    bytes.append(contentsOf: block)
  }

  /// Appends bytes.
  func write(_ block: [UInt8]) throws { try block.withUnsafeBytes { try write($0) } }

  /// Passes on what is held back.
  func flush() throws {
    guard let file else { return }
    try bytes.withUnsafeBytes { try writeAll($0, to: file) }
    bytes.removeAll(keepingCapacity: true)
  }
}

/// Has the file system find the place of a large block at once, not page by page as the block arrives
/// and again when the file is renamed. It may refuse, as a device does: then writing tells.
private func reserve(_ size: Int, at offset: Int, in file: Int32) {
  #if canImport(Glibc)
    _ = posix_fallocate(file, offset, size)
  #endif
}

/// Writes a whole block, however many calls that takes.
private func writeAll(_ block: UnsafeRawBufferPointer, to file: Int32) throws {
  var rest = block[...]
  while !rest.isEmpty {
    let count = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if count < 0 {
      if errno == EINTR { continue }
      throw SerialisationError(.cannotWrite(lastSystemWords()))
    }
    rest = rest.dropFirst(count)
  }
}
