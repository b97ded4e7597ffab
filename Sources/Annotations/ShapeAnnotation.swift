// What is stated about an array: a dtype class and a word per axis, as in `.float("batch dim")`.
//
// Reading the words is done once per text and process. An annotation that cannot be read is still a
// value, so that a `static let` may hold it; the error comes with the first check.

internal import Synchronization

/// A dtype class and the words of a shape.
public struct ShapeAnnotation: Sendable, CustomStringConvertible {
  /// Which dtypes fit.
  public let dtypes: DTypeClass
  /// The words, as written.
  public let text: String
  package let parsed: Result<Axes, AnnotationError>

  /// `dtypes` with one word per axis; the doc of `annotated(_:returns:)` lists the words.
  public init(_ dtypes: DTypeClass, _ text: String) {
    self.dtypes = dtypes
    self.text = text
    parsed = ParsedAnnotations.axes(of: text)
  }

  /// Nothing when the words can be read.
  /// - Throws: `AnnotationError` when they cannot: the error that the first check would throw.
  public func validate() throws(AnnotationError) { _ = try parsed.get() }

  /// As in Python's `Float[Array, "batch dim"]`, without the array: `Float "batch dim"`.
  public var description: String { "\(dtypes) \"\(text)\"" }
}

extension ShapeAnnotation {
  /// Any dtype.
  public static func shaped(_ text: String) -> Self { Self(.shaped, text) }
  /// Truth values.
  public static func bool(_ text: String) -> Self { Self(.bool, text) }
  /// Any number: everything but truth values.
  public static func num(_ text: String) -> Self { Self(.num, text) }
  /// What has a derivative.
  public static func inexact(_ text: String) -> Self { Self(.inexact, text) }
  /// Any number without an imaginary part.
  public static func real(_ text: String) -> Self { Self(.real, text) }
  /// Floating point.
  public static func float(_ text: String) -> Self { Self(.float, text) }
  /// Whole numbers.
  public static func integer(_ text: String) -> Self { Self(.integer, text) }
  /// Whole numbers with a sign.
  public static func int(_ text: String) -> Self { Self(.int, text) }
  /// Whole numbers without a sign.
  public static func uint(_ text: String) -> Self { Self(.uint, text) }
  /// `f32` alone.
  public static func float32(_ text: String) -> Self { Self(.float32, text) }
  /// `f64` alone.
  public static func float64(_ text: String) -> Self { Self(.float64, text) }
  /// `i32` alone.
  public static func int32(_ text: String) -> Self { Self(.int32, text) }
  /// `u32` alone.
  public static func uint32(_ text: String) -> Self { Self(.uint32, text) }
}

/// An annotation that is itself wrong: its words cannot be read, or need a name that is not bound.
public struct AnnotationError: Error, Hashable, CustomStringConvertible {
  /// What is wrong.
  public let reason: String
  /// The word, or the words.
  public let text: String

  init(_ reason: String, _ text: some StringProtocol) {
    self.reason = reason
    self.text = String(text)
  }

  /// `annotation "a,b": axes are separated by spaces, not by commas`.
  public var description: String { "annotation \"\(text)\": \(reason)" }
}

/// The texts read so far.
private enum ParsedAnnotations {
  /// Texts with interpolated numbers could be without end; at this many the memory starts anew.
  private static let limit = 4096
  private static let cache = Mutex<[String: Result<Axes, AnnotationError>]>([:])

  static func axes(of text: String) -> Result<Axes, AnnotationError> {
    cache.withLock { cache in
      if let known = cache[text] { return known }
      if cache.count >= limit { cache.removeAll() }
      let axes = Result { () throws(AnnotationError) in try Axes(text) }
      cache[text] = axes
      return axes
    }
  }
}
