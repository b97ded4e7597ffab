// Where bytes are read from: memory, or a regular file by way of a small buffer.
//
// A large block goes from the file directly to where it is wanted. Invariant: nothing is allocated for
// a claim of the file before the claim was held against the bytes that are left.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Bytes in order, with the number of those that are left.
final class ByteSource {
  private static let bufferSize = 1 << 18

  private let file: Int32?
  private var buffer: [UInt8]
  /// The place in the buffer of the next byte.
  private var place = 0
  /// How many bytes there are.
  let count: Int
  /// How many have been read.
  private(set) var offset = 0

  /// How many are left.
  var remaining: Int { count - offset }

  /// Bytes in memory.
  init(_ bytes: [UInt8]) {
    file = nil
    buffer = bytes
    count = bytes.count
  }

  /// The bytes of a regular file.
  init(path: String) throws {
    (file, count) = try openForReading(path)
    buffer = []
  }

  deinit { if let file { close(file) } }

  /// The next `size` bytes.
  func read(_ size: Int) throws -> ArraySlice<UInt8> {
    try demand(size)
    try fill(size)
    defer { advance(size) }
    return buffer[place..<place + size]
  }

  /// The next bytes, as many as `target` takes.
  func read(into target: UnsafeMutableRawBufferPointer) throws {
    try demand(target.count)
    let held = min(buffer.count - place, target.count)
    buffer.withUnsafeBytes {
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[place..<place + held]))
    }
    advance(held)
    let rest = target[held...]
    if rest.count > Self.bufferSize, let file {
      preferLargePages(UnsafeMutableRawBufferPointer(rebasing: rest))
      try readAll(UnsafeMutableRawBufferPointer(rebasing: rest), from: file)
      offset += rest.count
    } else if !rest.isEmpty {
      try fill(rest.count)
      UnsafeMutableRawBufferPointer(rebasing: rest).copyBytes(
        from: buffer[place..<place + rest.count])
      advance(rest.count)
    }
  }

  /// The bytes up to a line feed, which is passed over; at most `limit`.
  func readLine(limit: Int) throws -> [UInt8]? {
    var line: [UInt8] = []
    while remaining > 0, line.count <= limit {
      try fill(1)
      let held = buffer[place...]
      guard let end = held.firstIndex(of: 0x0A) else {
        line += held
        advance(held.count)
        continue
      }
      line += held[..<end]
      advance(end + 1 - place)
      return line
    }
    return nil
  }

  /// That `size` bytes are left.
  func demand(_ size: Int) throws {
    guard size <= remaining else {
      throw SerialisationError(
        .truncated(needed: size, available: remaining), offset: offset)
    }
  }

  private func advance(_ size: Int) {
    place += size
    offset += size
  }

  /// Has at least `size` bytes in the buffer, which are known to be left.
  private func fill(_ size: Int) throws {
    let held = buffer.count - place
    guard held < size, let file else { return }
    let want = min(max(size, Self.bufferSize), remaining)
    let old = buffer[place...]
    buffer = try [UInt8](unsafeUninitializedCapacity: want) { target, filled in
      _ = target.initialize(fromContentsOf: old)
      let rest = UnsafeMutableRawBufferPointer(target)[held..<want]
      try readAll(UnsafeMutableRawBufferPointer(rebasing: rest), from: file)
      filled = want
    }
    place = 0
  }

  /// A file that has become shorter since it was opened is truncated.
  private func readAll(_ target: UnsafeMutableRawBufferPointer, from file: Int32) throws {
    var rest = target[...]
    while !rest.isEmpty {
      let got = Self.systemRead(file, UnsafeMutableRawBufferPointer(rebasing: rest))
      if got < 0 {
        if errno == EINTR { continue }
        throw SerialisationError(.cannotRead(lastSystemWords()))
      }
      guard got > 0 else {
        throw SerialisationError(.truncated(needed: rest.count, available: 0), offset: offset)
      }
      rest = rest.dropFirst(got)
    }
  }

  private static func systemRead(_ file: Int32, _ target: UnsafeMutableRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.read(file, target.baseAddress, target.count)
    #elseif canImport(Darwin)
      Darwin.read(file, target.baseAddress, target.count)
    #endif
  }
}

/// Asks for fresh memory in pages of megabytes, each of which is mapped once and not 512 times, as NumPy
/// does. Only advice: what is there stays there.
private func preferLargePages(_ target: UnsafeMutableRawBufferPointer) {
  #if canImport(Glibc)
    guard let start = target.baseAddress else { return }
    let skipped = -Int(bitPattern: start) & (Int(getpagesize()) - 1)
    if skipped < target.count { madvise(start + skipped, target.count - skipped, MADV_HUGEPAGE) }
  #endif
}

/// The regular file at `path`, open, and its size.
private func openForReading(_ path: String) throws -> (file: Int32, size: Int) {
  guard !path.isEmpty, !path.utf8.contains(0) else { throw SerialisationError(.badName(path)) }
  // Without O_NONBLOCK a pipe that nobody writes to would be waited for.
  let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard file >= 0 else {
    switch errno {
    case ENOENT, ENOTDIR: throw SerialisationError(.noSuchFile)
    case EACCES, EPERM: throw SerialisationError(.noPermission)
    case _: throw SerialisationError(.cannotRead(lastSystemWords()))
    }
  }
  var status = stat()
  guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    close(file)
    throw SerialisationError(isFolder ? .isDirectory : .notRegularFile)
  }
  return (file, Int(status.st_size))
}
