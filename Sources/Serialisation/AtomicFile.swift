// How does a file come into being? Under a temporary name in the same folder, and only when it is
// complete renamed over the real one: whoever reads sees the old file or the new one, whole, also if
// this process dies at any point. Whatever fails, the old file stays and no temporary is left.
// What is not a regular file (a device, a pipe) cannot be replaced, and is written to directly.
// Nothing waits for the disk: what a loss of power leaves is the file system's affair. Nor does anything
// wait until the system has given back the pages of the file that was replaced.

internal import Dispatch
internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The system's words for the call that just failed.
func lastSystemWords() -> String { String(cString: strerror(errno)).lowercased() }

/// The last call's failure as a fault of writing.
func writingFault() -> SerialisationFault {
  switch errno {
  case EISDIR: .isDirectory
  case EACCES, EPERM: .noPermission
  case _: .cannotWrite(lastSystemWords())
  }
}

/// Writes the file at `path` with `body`, and puts it in place only if `body` returns.
func replaceFile(_ path: String, _ body: (ByteSink) throws -> Void) throws {
  try naming(path) {
    if try !isReplaceable(path) { return try writeInto(path, body) }
    try replaceWhole(path) { temporary in
      try writeFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, body)
    }
  }
}

/// Has `body` make a file under a temporary name, and renames it to `path` if that succeeds.
func replaceWhole(_ path: String, _ body: (_ temporary: String) throws -> Void) throws {
  let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  let folder = (target as NSString).deletingLastPathComponent
  let temporary = folder + "/.assay-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
  do {
    try body(temporary)
    let old = ReplacedFile(target)
    defer { old?.letGo() }
    old?.keepPermissions(on: temporary)
    guard rename(temporary, target) == 0 else { throw SerialisationError(writingFault()) }
  } catch {
    unlink(temporary)
    throw error
  }
}

/// Adds the file's name to what `body` throws.
func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as SerialisationError {
    throw error.inside(file: path)
  }
}

/// Whether `path` is free, or names a regular file; false for a device or a pipe.
func isReplaceable(_ path: String) throws -> Bool {
  guard !path.isEmpty, !path.utf8.contains(0) else { throw SerialisationError(.badName(path)) }
  var status = stat()
  guard stat(path, &status) == 0 else { return true }
  switch status.st_mode & S_IFMT {
  case S_IFREG:
    // Renaming asks for no right to the file itself; whoever took it away meant to keep the file.
    guard access(path, W_OK) == 0 else { throw SerialisationError(.noPermission) }
    return true
  case S_IFDIR: throw SerialisationError(.isDirectory)
  case _: return false
  }
}

private func writeInto(_ path: String, _ body: (ByteSink) throws -> Void) throws {
  try writeFile(path, flags: O_WRONLY | O_CLOEXEC, body)
}

private func writeFile(
  _ path: String, flags: Int32, _ body: (ByteSink) throws -> Void
) throws {
  let file = open(path, flags, 0o666)
  guard file >= 0 else { throw SerialisationError(writingFault()) }
  do {
    let sink = ByteSink(file: file)
    try body(sink)
    try sink.flush()
  } catch {
    close(file)
    throw error
  }
  guard close(file) == 0 else { throw SerialisationError(writingFault()) }
}

/// The file that stood where another is put.
private struct ReplacedFile {
  private let status: stat
  /// Open, if the file may be read: without it the system would give back the file's pages, of the
  /// memory and of the disk, before the renaming returns.
  private let file: Int32

  /// The file at `path`, if there is one.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.status = status
    file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  }

  /// A file that is replaced keeps its permissions.
  func keepPermissions(on new: String) { chmod(new, status.st_mode & 0o7777) }

  /// Closes the file, which is the end of it, beside whatever the program does next.
  func letGo() {
    let file = file
    if file >= 0 { DispatchQueue.global().async { close(file) } }
  }
}
