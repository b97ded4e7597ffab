// Filter specs: a bool for each leaf, made from a place in the tree or read off a part of it.

extension LeafMap where Value == Bool {
  /// True at the leaves of one subtree, false elsewhere.
  public init<Child: PyTree>(like tree: Tree, only path: WritableKeyPath<Tree, Child>) {
    self.init(like: tree, repeating: false)
    fill(path, with: true)
  }
}

extension LeafMap {
  /// For each leaf whether it has a value.
  public func hasValue<Wrapped>() -> [Bool] where Value == Wrapped? { values.map { $0 != nil } }
}
