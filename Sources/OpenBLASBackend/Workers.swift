// The threads of a backend: who runs which part of a range.
//
// A part is a stretch of whole blocks. What a part computes depends on no other, and no sum is ever
// divided between parts, so the bits of a result do not depend on the number of threads. OpenBLAS itself
// stays on one thread: it divides small products badly, and adds in another order when it does.

/// A number of threads to share work between.
struct Workers: Sendable {
  let threads: Int

  /// Below this much work, in operations on elements, another thread costs more than it saves.
  private static let leastWork = 1 << 15

  /// Runs `body` on all of 0..<count, in parts whose bounds are multiples of `block`; `worth` is how
  /// many operations each index stands for.
  func split(_ count: Int, by block: Int, worth: Int, _ body: (Range<Int>) -> Void) {
    let blocks = (count + block - 1) / block
    let parts = min(threads, blocks, max(1, count * worth / Self.leastWork))
    if parts <= 1 { return count > 0 ? body(0..<count) : () }
    WorkerPool.shared.run(parts: parts) { part in
      let (from, to) = (blocks * part / parts * block, blocks * (part + 1) / parts * block)
      body(from..<min(to, count))
    }
  }
}
