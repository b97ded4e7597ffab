// One epoch: a fresh order of the examples, cut into batches, and a key for each batch.
//
// The epoch's key is split in two: one half shuffles, the other, folded with the number of a batch, is
// the key of that batch (dropout splits it among the examples). Batches are consecutive blocks of the
// order. The remainder rule: n mod b examples at its end are left out of this epoch; as the next epoch
// has another order, it leaves out others. Every batch therefore has one shape, and one program.

public import Core
public import Random

/// The batches of one epoch.
public struct Epoch: Sendable {
  /// The places of the examples in the order of this epoch, `i32[n]`, remainder included.
  public let order: Tensor
  /// How many batches there are: n / b, rounded down.
  public let count: Int
  private let batchSize: Int
  private let batchKey: Key
  private let shuffled: Examples

  /// The epoch of `key`: `examples` in a fresh order, `batchSize` at a time.
  /// - Throws: `TrainingError.badArgument` when there is not one whole batch.
  public init(_ examples: Examples, batchSize: Int, key: Key) throws {
    guard batchSize > 0, batchSize <= examples.count else {
      throw TrainingError.badArgument(
        "\(examples.count) examples do not fill a batch of \(batchSize)")
    }
    let (orderKey, batchKey) = try key.split()
    order = try orderKey.permutation(examples.count)
    count = examples.count / batchSize
    self.batchSize = batchSize
    self.batchKey = batchKey
    shuffled = try examples.at(order)
  }

  /// The examples of a batch, and its key.
  public func batch(_ index: Int) throws -> (examples: Examples, key: Key) {
    guard (0..<count).contains(index) else {
      throw TrainingError.badArgument("batch \(index) of an epoch of \(count) batches")
    }
    let start = index * batchSize
    return (try shuffled.at(start..<start + batchSize), try batchKey.foldIn(index))
  }
}
