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
    var place = placeOfFirst(&pair)
    if holds(news, from: place) { return self }
    return mapValues { _ in
      defer { place = 1 - place }
      return news[place].known
    }
  }

  /// Whether `news`, in the order of the keys, are the tensors of this table of up to two.
  fileprivate func holds(_ news: UnsafeBufferPointer<Leaf>, _ pair: inout PairOfKeys) -> Bool {
    count <= 2 && holds(news, from: placeOfFirst(&pair))
  }

  private func holds(_ news: UnsafeBufferPointer<Leaf>, from first: Int) -> Bool {
    var place = first
    return values.allSatisfy { old in
      defer { place = 1 - place }
      return news[place].holds(old)
    }
  }

  /// The place, in the order of the keys, of the entry that is stored first. Of two entries the other
  /// one has the other place: no list of places is needed.
  private func placeOfFirst(_ pair: inout PairOfKeys) -> Int {
    var keys = keys.makeIterator()
    guard let first = keys.next(), let second = keys.next() else { return 0 }
    return pair.precedes(first, second) ? 0 : 1
  }

  private func replacedMany(_ news: UnsafeBufferPointer<Leaf>) -> TensorTable {
    var places = [Int](repeating: 0, count: count)
    for (place, k) in orderOfKeys(keys).enumerated() { places[k] = place }
    var k = 0
    return mapValues { _ in
      defer { k += 1 }
      return news[places[k]].known
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
    leaves.withUnsafeBufferPointer { leaves in
      var k = 0
      let isSame = values.allSatisfy { table in
        defer { k += 1 }
        return table.holds(leaves[starts[k]..., table.count], &pair)
      }
      if isSame { return self }
      k = 0
      return mapValues { table in
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
  /// The tensor, which was made sure of when the leaves were passed over.
  fileprivate var known: Tensor {
    guard case .tensor(let tensor) = self else { preconditionFailure("\(kind) for a tensor") }
    return tensor
  }

  /// Whether this is the very tensor: not one that is equal.
  fileprivate func holds(_ other: Tensor) -> Bool {
    if case .tensor(let tensor) = self { tensor.isIdentical(to: other) } else { false }
  }
}
