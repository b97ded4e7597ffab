// How long the tiles of a fused loop are, where its registers lie, and what runs on each tile.
//
// Scratch registers of one tile together fit the nearest cache. The length of a tile is a multiple of
// the rows that operands repeat, where such a multiple is near, so that rows are spread once and not for
// every tile. No two registers that are alive together share memory, and no operation writes over its
// own operands: loops that may overlap are slower.

internal import Core

/// The registers and instructions of a fused loop.
struct TileLayout: Sendable {
  /// Where a register is.
  struct Place: Sendable {
    /// Bytes from the start of the scratch memory, for a register that is no array.
    let offset: Int
    /// Bytes of an element.
    let width: Int
    /// Bytes from one index to the next; 0 for a register of the tile.
    let step: Int
  }

  /// An operation with all that running it needs, and nothing that is counted.
  private struct Instruction: Sendable {
    let elementwise: Elementwise
    let from: DType
    let to: DType
    /// Where its operands begin among `arguments`.
    let first: Int
    let operandCount: Int
    let result: Int
  }

  /// How many indices a tile has.
  let tile: Int
  let places: [Place]
  /// The registers that move along arrays.
  let moving: [Int]
  /// The registers whose elements are spread.
  let spreading: [Int]
  let scratchBytes: Int
  private let instructions: [Instruction]
  private let arguments: [Int]
  private let widest: Int

  init(
    _ count: Int, _ sources: [FusedLoop.Source], _ operations: [FusedLoop.Operation],
    kept: Set<Int>
  ) {
    tile = tileLength(count, sources)
    let dtypes = sources.map(\.dtype) + operations.map(\.out)
    var scratch = ScratchMemory(
      slotBytes: (tile * (dtypes.map(\.width).max() ?? 1) + 63) / 64 * 64)
    let lastReaders = lastReader(sources.count, operations)
    var places = sources.map { source in
      let isSpread = source.spread != nil
      return Place(
        offset: isSpread ? scratch.take() : 0, width: source.dtype.width,
        step: isSpread ? 0 : source.dtype.width)
    }
    for (index, operation) in operations.enumerated() {
      let isKept = kept.contains(sources.count + index)
      places.append(
        Place(
          offset: isKept ? 0 : scratch.take(), width: operation.out.width,
          step: isKept ? operation.out.width : 0))
      for operand in Set(operation.operands)
      where operand >= sources.count && lastReaders[operand] == index && !kept.contains(operand) {
        scratch.give(places[operand].offset)
      }
    }
    self.places = places
    moving = places.indices.filter { places[$0].step > 0 }
    spreading = sources.indices.filter { sources[$0].spread != nil }
    scratchBytes = max(scratch.bytes, 64)
    var arguments: [Int] = []
    instructions = operations.enumerated().map { index, operation in
      defer { arguments += operation.operands }
      return Instruction(
        elementwise: operation.elementwise, from: dtypes[operation.operands[0]],
        to: operation.out, first: arguments.count, operandCount: operation.operands.count,
        result: sources.count + index)
    }
    self.arguments = arguments
    widest = operations.map(\.operands.count).max() ?? 1
  }

  /// All operations on `count` elements; `at` says where each register is.
  func run(_ at: UnsafeMutablePointer<UnsafeMutableRawPointer>, _ count: Int) {
    withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: widest) { operands in
      arguments.withUnsafeBufferPointer { arguments in
        instructions.withUnsafeBufferPointer { instructions in
          for instruction in instructions {
            for k in 0..<instruction.operandCount {
              operands[k] = UnsafeRawPointer(at[arguments[instruction.first + k]])
            }
            let operands = UnsafeBufferPointer(rebasing: operands[..<instruction.operandCount])
            instruction.elementwise.run(
              instruction.from, to: instruction.to,
              LoopMemory(at[instruction.result], operands, count))
          }
        }
      }
    }
  }

  /// The address of each register that is an array, and of what spread ones are filled from.
  func bases(
    _ inputs: [UnsafeRawPointer], _ results: [FusedLoop.Result],
    _ outputs: [UnsafeMutableRawPointer]
  ) -> [UnsafeMutableRawPointer?] {
    var bases = [UnsafeMutableRawPointer?](repeating: nil, count: places.count)
    // Operands are never written: only the type of the table is mutable.
    for (register, input) in inputs.enumerated() { bases[register] = .init(mutating: input) }
    for (result, output) in zip(results, outputs) { bases[result.register] = output }
    return bases
  }
}

/// At most 256 indices, of which some forty registers fit the nearest cache: whole rows, if an operand
/// repeats rows that are shorter.
private func tileLength(_ count: Int, _ sources: [FusedLoop.Source]) -> Int {
  let longest = 256
  let row = sources.compactMap(\.spread).filter { $0.inner == 1 && $0.extent > 1 }
    .map(\.extent).first { $0 <= longest }
  return max(1, min(count, row.map { longest / $0 * $0 } ?? longest))
}

/// The last operation that reads each register; −1 where none does.
private func lastReader(_ sourceCount: Int, _ operations: [FusedLoop.Operation]) -> [Int] {
  var last = [Int](repeating: -1, count: sourceCount + operations.count)
  for (index, operation) in operations.enumerated() {
    for operand in operation.operands { last[operand] = index }
  }
  return last
}

/// Equal slots of memory that are taken and given back.
private struct ScratchMemory {
  let slotBytes: Int
  private(set) var bytes = 0
  private var free: [Int] = []

  init(slotBytes: Int) { self.slotBytes = slotBytes }

  mutating func take() -> Int {
    if let offset = free.popLast() { return offset }
    bytes += slotBytes
    return bytes - slotBytes
  }

  mutating func give(_ offset: Int) { free.append(offset) }
}
