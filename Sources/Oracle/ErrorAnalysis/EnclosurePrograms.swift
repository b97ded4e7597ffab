// Branches, loops and calls: the analysis runs their programs as a backend does, on enclosures.
//
// Where the enclosures do not decide which branch runs or whether a loop goes on, an honest
// implementation may go either way, and nothing is said of the results.

public import Core

extension EnclosureRule {
  /// The results of an operation that runs programs; open where a decision is.
  func programs(
    _ op: HigherOrder, _ x: [Enclosure], _ outs: [ShapedArray]
  ) throws -> [Enclosure] {
    do {
      return try op.execute(x) { try enclose($0.jaxpr, $1, model: model) }
    } catch is Undecided {
      let centers = try evaluateAll(primitive, x.map(\.center), like: x)
      return zip(outs, centers).map { out, center in
        Enclosure(
          out, center: center, lower: center.map { _ in wholeLine.lower },
          upper: center.map { _ in wholeLine.upper })
      }
    }
  }
}

/// A decision that the enclosures leave open.
private struct Undecided: Error {}

extension Enclosure: ProgramValue {
  /// Element `index` along axis 0.
  public func element(_ index: Int) -> Enclosure {
    let item = aval.with(shape: Array(aval.shape.dropFirst()))
    let range = (index * item.size)..<((index + 1) * item.size)
    return Enclosure(
      item, center: Array(center[range]), lower: Array(lower[range]), upper: Array(upper[range]))
  }

  /// `all` along a new axis 0.
  public static func stacked(_ all: [Enclosure], of item: ShapedArray) -> Enclosure {
    Enclosure(
      item.with(shape: [all.count] + item.shape), center: all.flatMap(\.center),
      lower: all.flatMap(\.lower), upper: all.flatMap(\.upper))
  }

  /// The only element, where it is one number exactly.
  public var decided: Int {
    get throws {
      guard lower[0] == upper[0] else { throw Undecided() }
      return Int(Double(lower[0]))
    }
  }
}
