// Why fixtures cannot be used: one line that names the file and the object in it.

/// What is wrong with a fixture.
public struct GoldenError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as it was given.
  public let file: String
  /// The group or dataset, if the fault concerns one.
  public let object: String?
  /// What was required and what was found.
  public let message: String

  init(_ file: String, _ object: String?, _ message: String) {
    self.file = file
    self.object = object
    self.message = message
  }

  /// One line: file, object, fault.
  public var description: String {
    [file, object, message].compactMap { $0 }.joined(separator: ": ")
  }
}
