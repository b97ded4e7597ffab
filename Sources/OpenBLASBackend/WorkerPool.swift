// Threads that wait for parts of loops, awake for as long as another loop may follow soon.
//
// A train step is some hundred loops of 10 to 300 µs, and waking a sleeping thread takes up to 80 µs: so a
// thread that has done its part looks for the next for 200 µs before it sleeps. Parts are claimed
// one by one, by the caller too: who comes late, or never, delays nobody. Invariants: a claim names the
// job that it belongs to, so nobody runs a part of a job that is over; a call returns when every claimed
// part is done; a job that finds another under way runs on its caller's thread alone.

internal import CKernels
internal import Foundation
internal import Synchronization

/// The threads of the process that share the work of loops.
final class WorkerPool: Sendable {
  static let shared = WorkerPool()

  /// The number of the job, and how many of its parts are not claimed yet.
  private let open = Atomic<UInt64>(0)
  /// How many parts of the job are not done.
  private let undone = Atomic<Int>(0)
  private let isBusy = Atomic<Bool>(false)
  private let sleepers = Atomic<Int>(0)
  private let bell = DispatchSemaphore(value: 0)
  private let started = Mutex(0)
  /// The job's body, which stands in its caller's frame. Written before the job opens, read after a claim.
  private nonisolated(unsafe) var body: UnsafePointer<(Int) -> Void>?

  private static let partBits: UInt64 = 16
  private static let partMask: UInt64 = (1 << partBits) - 1
  /// How often an idle thread looks before it sleeps: some 200 µs.
  private static let patience = 5_000

  /// Runs `body` on 0..<parts, on up to as many threads.
  func run(parts: Int, _ body: (Int) -> Void) {
    guard parts > 1, parts <= Self.partMask, !isBusy.exchange(true, ordering: .acquiring) else {
      return (0..<parts).forEach(body)
    }
    defer { isBusy.store(false, ordering: .releasing) }
    startThreads(parts - 1)
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        self.body = pointer
        undone.store(parts, ordering: .relaxed)
        let job = (open.load(ordering: .relaxed) >> Self.partBits) &+ 1
        open.store(job << Self.partBits | UInt64(parts), ordering: .sequentiallyConsistent)
        for _ in 0..<min(parts - 1, sleepers.load(ordering: .sequentiallyConsistent)) {
          bell.signal()
        }
        while runPart() {}
        var looks = 0
        while undone.load(ordering: .acquiring) > 0 { pause(&looks) }
      }
    }
  }

  /// Claims a part of the open job and runs it; false if there is none.
  private func runPart() -> Bool {
    var seen = open.load(ordering: .acquiring)
    while seen & Self.partMask > 0 {
      let (claimed, now) = open.weakCompareExchange(
        expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
      if claimed {
        call(Int(seen & Self.partMask) - 1)
        undone.subtract(1, ordering: .releasing)
        return true
      }
      seen = now
    }
    return false
  }

  /// Apart, so that no reference to the body outlives the part.
  @inline(never)
  private func call(_ part: Int) { body?.pointee(part) }

  /// What each thread does for ever.
  private func work() {
    var looks = 0
    while true {
      if runPart() {
        looks = 0
      } else if looks < Self.patience {
        pause(&looks)
      } else {
        sleepers.add(1, ordering: .sequentiallyConsistent)
        if open.load(ordering: .sequentiallyConsistent) & Self.partMask == 0 { bell.wait() }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        looks = 0
      }
    }
  }

  /// A moment; now and then the processor is offered to others.
  private func pause(_ looks: inout Int) {
    looks += 1
    if looks % 1_000 == 0 { sched_yield() } else { assay_pause() }
  }

  private func startThreads(_ count: Int) {
    started.withLock { started in
      while started < count {
        Thread.detachNewThread { self.work() }
        started += 1
      }
    }
  }
}
