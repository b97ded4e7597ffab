// Elementwise operations run together over one range, a tile at a time, so that what one operation
// gives the next finds in the nearest cache.
//
// Registers are numbered: first the operands of the whole loop, then one result per operation. Those
// read outside are arrays; the others exist for one tile only and share memory as soon as their
// last reader is done. Each operation is the same loop over the same elements whether it runs alone, with
// others, or on a part of the range by another thread: the bits are the same.

internal import Core

/// Elementwise operations over indices 0..<count.
struct FusedLoop: Sendable {
  /// An operand of the loop.
  struct Source: Sendable {
    let dtype: DType
    /// How it is read; nil when it has an element for every index.
    let spread: LoopSpread?
  }

  /// One operation on registers.
  struct Operation: Sendable {
    let elementwise: Elementwise
    let operands: [Int]
    let out: DType
  }

  /// A register that is read outside.
  struct Result: Sendable {
    let register: Int
    let shape: [Int]
  }

  let count: Int
  let sources: [Source]
  let operations: [Operation]
  let results: [Result]
  private let layout: TileLayout
  /// The source in whose memory each result is written, if not in new memory.
  private var overwritten: [Int?]

  init(count: Int, sources: [Source], operations: [Operation], results: [Result]) {
    self.count = count
    self.sources = sources
    self.operations = operations
    self.results = results
    layout = TileLayout(count, sources, operations, kept: Set(results.map(\.register)))
    overwritten = results.map { _ in nil }
  }

  /// One operation alone.
  init(_ elementwise: Elementwise, _ ins: [ShapedArray], to out: ShapedArray) {
    let sources = ins.map {
      Source(dtype: $0.dtype, spread: $0.size == out.size ? nil : LoopSpread.scalar)
    }
    let operation = Operation(
      elementwise: elementwise, operands: Array(ins.indices), out: out.dtype)
    self.init(
      count: out.size, sources: sources, operations: [operation],
      results: [Result(register: ins.count, shape: out.shape)])
  }

  /// The type of a register's elements.
  func dtype(_ register: Int) -> DType {
    register < sources.count
      ? sources[register].dtype : operations[register - sources.count].out
  }

  /// The same loop for a run after which nobody reads the sources `dying`: results are written over
  /// them.
  func writing(over dying: [Int]) -> FusedLoop {
    var loop = self
    // Results are filled in order: if the source that is done first is not done yet, none is.
    let arrays = dying.filter { sources[$0].spread == nil }
      .sorted { layout.lastReaders[$0] > layout.lastReaders[$1] }
    var rest = Dictionary(grouping: arrays, by: dtype)
    loop.overwritten = results.map { result in
      let type = dtype(result.register)
      guard let first = rest[type]?.last, layout.isRead(first, before: result.register) else {
        return nil
      }
      return rest[type]?.removeLast()
    }
    return loop
  }

  /// The results, in order; the operands stand in the order of the sources. Those that are written over
  /// are taken from `inputs`; what somebody else holds is copied first.
  func run(_ inputs: inout [Buffer], _ workers: Workers) -> [Buffer] {
    let made = zip(results, overwritten).map { result, source in
      source.map { inputs[$0].taken() } ?? Storage.unwritten(dtype(result.register), count)
    }
    withExtendedLifetime(inputs) {
      var base = layout.bases(inputs.map(\.storage.address), results, made.map(\.address))
      for (source, made) in zip(overwritten, made) { if let source { base[source] = made.address } }
      workers.split(count, by: layout.tile, worth: operations.count) { run(base, $0) }
    }
    return zip(results, made).map { Buffer(shape: $0.shape, $1.storage) }
  }

  /// The tiles of `range`, which begins at a multiple of the tile.
  private func run(_ base: [UnsafeMutableRawPointer?], _ range: Range<Int>) {
    let registers = layout.places.count
    withUnsafeTemporaryAllocation(byteCount: layout.scratchBytes, alignment: 64) { scratch in
      withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: registers) { at in
        guard let scratch = scratch.baseAddress, let at = at.baseAddress else { return }
        for register in 0..<registers {
          let place = layout.places[register]
          at[register] =
            base[register].map { $0 + range.lowerBound * place.step }
            ?? scratch + place.offset
        }
        var spreading = layout.spreading
        for start in stride(from: range.lowerBound, to: range.upperBound, by: layout.tile) {
          let count = min(layout.tile, range.upperBound - start)
          spread(spreading, base, scratch, at, start, count)
          spreading = layout.changing
          layout.run(at, count)
          for register in layout.moving {
            at[register] += layout.places[register].step * layout.tile
          }
        }
      }
    }
  }

  /// Spreads operands that have fewer elements over their registers.
  private func spread(
    _ spreading: [TileLayout.Spreading], _ base: [UnsafeMutableRawPointer?],
    _ scratch: UnsafeMutableRawPointer, _ at: UnsafeMutablePointer<UnsafeMutableRawPointer>,
    _ start: Int, _ count: Int
  ) {
    for (register, spread) in spreading {
      guard let from = base[register] else { continue }
      let place = layout.places[register]
      if spread.isContiguous(start, count) {
        at[register] = from + start % spread.extent * place.width
      } else {
        at[register] = scratch + place.offset
        spread.fill(at[register], from, from: start, count, width: place.width)
      }
    }
  }
}

extension FusedLoop: CustomStringConvertible {
  /// `elementwise`, or the range and what runs over it.
  var description: String { operations.count == 1 ? "elementwise" : "elementwise, fused" }
}
