// A key in a tree: its words are one leaf, an array of whole numbers, which no gradient reaches.

public import Random
public import Tree

extension Key: PyTree {
  /// Shows the words, `u32[2]`.
  public mutating func visitFields(_ visitor: FieldVisitor) {
    var words = data
    visitor.field("data", &words)
    self = Key(data: words)
  }
}
