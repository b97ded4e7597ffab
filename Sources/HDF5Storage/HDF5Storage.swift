// The library's one lock. HDF5 may or may not have been built thread-safe (Debian's is, Homebrew's is
// not), so every call into it happens inside `withLibrary`. The lock is recursive because handles
// close themselves, some inside an operation and some outside.
// Invariant: HDF5 never prints. Its error stack belongs to the calling thread in a thread-safe
// build, so it is silenced at each entry and not once.

internal import CHDF5
internal import Foundation

private let libraryLock = NSRecursiveLock()

/// Runs `body` alone in the HDF5 library, its printing silenced.
func withLibrary<Result: ~Copyable>(_ body: () throws -> Result) rethrows -> Result {
  libraryLock.lock()
  defer { libraryLock.unlock() }
  chdf5_silence()
  return try body()
}

/// What HDF5 says of the call that just failed, in its own words and on one line.
func lastFailure() -> (text: String, truncated: Bool) {
  var failure = chdf5_failure()
  chdf5_last_failure(&failure)
  let text = withUnsafeBytes(of: &failure.text) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
  let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
  return (line.isEmpty ? "no reason given" : line, failure.truncated != 0)
}

/// A property list for opening a file without a lock.
///
/// A file is only read after it was renamed into place whole, and never written to again, so there is
/// nothing that a lock could order. With one, a file that this process had just closed could still
/// seem in use: a program that another thread was starting at that moment had inherited its lock. The
/// environment variable HDF5_USE_FILE_LOCKING goes before this property.
func unlockedAccess() -> Handle? {
  guard let plan = Handle(H5Pcreate(chdf5_file_access())), chdf5_set_unlocked(plan.id) >= 0 else {
    return nil
  }
  return plan
}
