// Dictionaries of tensors, and dictionaries of those, where a visit needs neither keys nor paths.
//
// They are compiled for their types; generic code takes several times as long. Reading goes over the
// entries as they are stored. Replacing is one pass over the storage that hashes no key and copies no
// tensor that is about to go, and a dictionary that gets the tensors it has stays as it is, storage
// and all: it is a value, so nobody can tell.

import Core

typealias TensorTable = [String: Tensor]

extension FieldVisitor {
  /// Whether dictionaries of tensors are visited as wholes: leaves and structure are all that counts.
  var takesTables: Bool { !hearsKeys && task != .select && task != .audit }

  /// What this visit puts into the next `count` places, all of them tensors, and where among these
  /// leaves it begins; nil for a visit that has failed.
  fileprivate func news(
    _ count: Int, _ olds: (FieldVisitor) -> Void
  ) -> (leaves: [Leaf], start: Int)? {
    if task == .replace { return passTensors(count).map { (leaves, $0) } }
    let reader = FieldVisitor(.collect)
    olds(reader)
    return transformTensors(reader.leaves).map { ($0, 0) }
  }
}

extension TensorTable {
  /// This dictionary with the tensors that the visit puts in; nil for a visit that only reads.
  func visited(by visitor: FieldVisitor) -> TensorTable? {
    if visitor.isReading {
      show(to: visitor)
      return nil
    }
    guard let news = visitor.news(count, show) else { return nil }
    return news.leaves.withUnsafeBufferPointer { leaves in
      replaced(leaves[news.start..., count], &visitor.pair)
    }
  }

  fileprivate func show(to visitor: FieldVisitor) {
    visitor.announce(.dictionary, count)
    guard count <= 2 else { return showMany(to: visitor) }
    var entries = makeIterator()
    guard var first = entries.next() else { return }
    guard var second = entries.next() else {
      visitor.announce(key: first.key)
      return visitor.collect(first.value)
    }
    if !visitor.pair.precedes(first.key, second.key) { swap(&first, &second) }
    visitor.announce(key: first.key)
    visitor.announce(key: second.key)
    visitor.collect(first.value)
    visitor.collect(second.value)
  }

  private func showMany(to visitor: FieldVisitor) {
    let (entries, order) = (Array(self), orderOfKeys(keys))
    if visitor.describes { for k in order { visitor.announce(key: entries[k].key) } }
    for k in order { visitor.collect(entries[k].value) }
  }

  /// With the tensors `news`, in the order of the keys.
  fileprivate func replaced(
    _ news: UnsafeBufferPointer<Leaf>, _ pair: inout PairOfKeys
  ) -> TensorTable {
    if count > 2 { return replacedMany(news) }
    // Up to two entries need no list of places: the step from one to the next says it all.
    var entries = makeIterator()
    guard let first = entries.next() else { return self }
    var (k, step) = (0, 1)
    if let second = entries.next() {
      if !pair.precedes(first.key, second.key) { (k, step) = (1, -1) }
      if news[k].holds(first.value), news[k + step].holds(second.value) { return self }
    } else if news[k].holds(first.value) {
      return self
    }
    return mapValues { old in
      defer { k += step }
      return news[k].tensor ?? old
    }
  }

  private func replacedMany(_ news: UnsafeBufferPointer<Leaf>) -> TensorTable {
    var places = [Int](repeating: 0, count: count)
    for (place, k) in orderOfKeys(keys).enumerated() { places[k] = place }
    var k = 0
    return mapValues { old in
      defer { k += 1 }
      return news[places[k]].tensor ?? old
    }
  }
}

extension [String: TensorTable] {
  /// This dictionary with the tensors that the visit puts in; nil for a visit that only reads.
  func visited(by visitor: FieldVisitor) -> Self? {
    let order = orderOfKeys(keys)
    if visitor.isReading {
      show(to: visitor, order)
      return nil
    }
    var starts = values.map { $0.count }
    let total = starts.reduce(0, +)
    guard let news = visitor.news(total, { show(to: $0, order) }) else { return nil }
    var start = news.start
    for k in order { (starts[k], start) = (start, start + starts[k]) }
    return replaced(news.leaves, starts, &visitor.pair)
  }

  private func show(to visitor: FieldVisitor, _ order: [Int]) {
    visitor.announce(.dictionary, count)
    let entries = Array(self)
    if visitor.describes { for k in order { visitor.announce(key: entries[k].key) } }
    for k in order { entries[k].value.show(to: visitor) }
  }

  private func replaced(
    _ leaves: [Leaf], _ starts: [Int], _ pair: inout PairOfKeys
  ) -> [String: TensorTable] {
    var k = 0
    return leaves.withUnsafeBufferPointer { leaves in
      mapValues { table in
        defer { k += 1 }
        return table.replaced(leaves[starts[k]..., table.count], &pair)
      }
    }
  }
}

extension UnsafeBufferPointer {
  /// `count` elements from a place on.
  fileprivate subscript(_ start: PartialRangeFrom<Int>, _ count: Int) -> Self {
    Self(rebasing: self[start.lowerBound..<(start.lowerBound + count)])
  }
}

extension Leaf {
  /// Whether this is the very tensor: not one that is equal.
  fileprivate func holds(_ other: Tensor) -> Bool {
    if case .tensor(let tensor) = self { tensor.isIdentical(to: other) } else { false }
  }
}
