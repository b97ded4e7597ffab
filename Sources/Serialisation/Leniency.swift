// What is accepted of a file that was not written from a tree like the skeleton.
//
// The stream has no names, so much that is wrong with a file cannot be seen in it (SE-04): for that
// there is the archive. What can be seen is refused, also where Equinox takes it in silence; each of
// those acceptances has a name here. A file that Equinox wrote from the same model needs none of them.

/// Silent acceptances of Equinox that can be asked for.
public struct Leniency: OptionSet, Sendable {
  /// The choices as bits.
  public let rawValue: Int

  /// The choices of these bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Bytes after the last leaf are not read (DV-72).
  public static let trailingBytes = Leniency(rawValue: 1)
  /// A number of another type becomes a Bool, an Int or a Double as in Python: 7.0 from 7, 0 from
  /// 0.9, true from 7 (DV-71).
  public static let scalarConversions = Leniency(rawValue: 2)
  /// An f64 or i64 array becomes the f32 or i32 of the tree as in JAX without x64: rounded, or
  /// without its upper half (DV-70).
  public static let narrowing = Leniency(rawValue: 4)

  /// All that Equinox 0.13.8 accepts.
  public static let equinox: Leniency = [.trailingBytes, .scalarConversions, .narrowing]
}
