// How long the tiles of a fused loop are, where its registers lie, and what runs on each tile.
//
// Scratch registers of one tile together fit the nearer caches. The length of a tile is a multiple of
// the rows that operands repeat, where such a multiple is near, so that rows are spread once and not for
// every tile. No two registers of the scratch memory that are alive together share it, and no operation
// writes over its own operands there.

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

  /// A register and how it is filled.
  typealias Spreading = (register: Int, spread: LoopSpread)

  /// An operation with all that running it needs, and nothing that is counted.
  private struct Instruction: Sendable {
    let kernel: TileStep.Kernel
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
  /// The registers whose elements are spread, and those among them that differ from tile to tile.
  let spreading: [Spreading]
  let changing: [Spreading]
  let scratchBytes: Int
  private let instructions: [Instruction]
  private let arguments: [Int]
  private let widest: Int
  /// The last step that reads each register, and the one that fills it; −1 where there is none.
  let lastReaders: [Int]
  private let fillers: [Int]

  init(
    _ count: Int, _ sources: [FusedLoop.Source], _ operations: [FusedLoop.Operation],
    kept: Set<Int>
  ) {
    let dtypes = sources.map(\.dtype) + operations.map(\.out)
    tile = tileLength(count, sources, operations, dtypes, kept: kept)
    let steps = tileSteps(operations, dtypes, kept: kept)
    lastReaders = lastReader(of: dtypes.count, steps)
    var fillers = [Int](repeating: -1, count: dtypes.count)
    for (index, step) in steps.enumerated() { fillers[step.result] = index }
    self.fillers = fillers
    let (places, scratchBytes) = placed(
      sources, operations, steps, kept: kept, lastReaders,
      slotBytes: (tile * (dtypes.map(\.width).max() ?? 1) + 63) / 64 * 64)
    (self.places, self.scratchBytes) = (places, scratchBytes)
    moving = places.indices.filter { places[$0].step > 0 }
    spreading = sources.enumerated().compactMap { register, source in
      source.spread.map { (register, $0) }
    }
    let tile = tile
    changing = spreading.filter { !$0.spread.repeats(every: tile) }
    var arguments: [Int] = []
    instructions = steps.map { step in
      defer { arguments += step.operands }
      return Instruction(
        kernel: step.kernel, first: arguments.count, operandCount: step.operands.count,
        result: step.result)
    }
    self.arguments = arguments
    widest = steps.map(\.operands.count).max() ?? 1
  }

  /// Whether all that reads `source` has done so when `result` is written, element by element.
  func isRead(_ source: Int, before result: Int) -> Bool {
    let (reader, filler) = (lastReaders[source], fillers[result])
    guard reader == filler else { return reader < filler }
    // Others may go over their operands twice.
    if case .arithmetic = instructions[filler].kernel { return true } else { return false }
  }

  /// All operations on `count` elements; `at` says where each register is.
  func run(_ at: UnsafeMutablePointer<UnsafeMutableRawPointer>, _ count: Int) {
    withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: widest) { operands in
      guard let first = operands.baseAddress else { return }
      arguments.withUnsafeBufferPointer { arguments in
        instructions.withUnsafeBufferPointer { instructions in
          for instruction in instructions {
            for k in 0..<instruction.operandCount {
              operands[k] = UnsafeRawPointer(at[arguments[instruction.first + k]])
            }
            switch instruction.kernel {
            case .arithmetic(let loop): loop(first, at[instruction.result], count)
            case .elementwise(let elementwise, let from, let to):
              let operands = UnsafeBufferPointer(rebasing: operands[..<instruction.operandCount])
              elementwise.run(from, to: to, LoopMemory(at[instruction.result], operands, count))
            }
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

/// At most 2 KiB of a register, so that starting an operation costs little beside it; whole rows, if an
/// operand repeats rows that are shorter.
///
/// A loop that divides while its arrays come from far away gets 128 indices: then what the processor has in
/// flight spans several operations, and it divides while it waits (Adam on 2 million numbers: 1/7 faster).
private func tileLength(
  _ count: Int, _ sources: [FusedLoop.Source], _ operations: [FusedLoop.Operation],
  _ dtypes: [DType], kept: Set<Int>
) -> Int {
  let (short, near) = (128, 1 << 22)
  let arrays = kept.union(sources.indices.filter { sources[$0].spread == nil })
  let isFar = arrays.reduce(0) { $0 + dtypes[$1].width } * count > near
  let divides = operations.contains { $0.elementwise.divides }
  let longest = isFar && divides ? short : 2048 / (dtypes.map(\.width).max() ?? 1)
  let row = sources.compactMap(\.spread).filter { $0.inner == 1 && $0.extent > 1 }
    .map(\.extent).first { $0 <= longest }
  return max(1, min(count, row.map { longest / $0 * $0 } ?? longest))
}

extension Elementwise {
  /// Whether the processor computes it with its divider.
  fileprivate var divides: Bool {
    switch self {
    case .binary(.div), .unary(.sqrt), .unary(.rsqrt): true
    case .unary, .integerPow, .polygamma, .reducePrecision, .binary, .clamp, .compare, .select,
      .convert, .bitcast:
      false
    }
  }
}

/// The place of each register, and how many bytes of scratch memory those of a tile take.
private func placed(
  _ sources: [FusedLoop.Source], _ operations: [FusedLoop.Operation], _ steps: [TileStep],
  kept: Set<Int>, _ lastReaders: [Int], slotBytes: Int
) -> (places: [TileLayout.Place], scratchBytes: Int) {
  var scratch = ScratchMemory(slotBytes: slotBytes)
  var places = sources.map { source in
    let isSpread = source.spread != nil
    return TileLayout.Place(
      offset: isSpread ? scratch.take() : 0, width: source.dtype.width,
      step: isSpread ? 0 : source.dtype.width)
  }
  // A register without a step is nowhere.
  places += operations.map { TileLayout.Place(offset: 0, width: $0.out.width, step: 0) }
  for (index, step) in steps.enumerated() {
    let isKept = kept.contains(step.result)
    places[step.result] = TileLayout.Place(
      offset: isKept ? 0 : scratch.take(), width: step.out.width,
      step: isKept ? step.out.width : 0)
    for operand in Set(step.operands)
    where operand >= sources.count && lastReaders[operand] == index && !kept.contains(operand) {
      scratch.give(places[operand].offset)
    }
  }
  return (places, max(scratch.bytes, 64))
}

/// The last step that reads each register; −1 where none does.
private func lastReader(of registers: Int, _ steps: [TileStep]) -> [Int] {
  var last = [Int](repeating: -1, count: registers)
  for (index, step) in steps.enumerated() {
    for operand in step.operands { last[operand] = index }
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
