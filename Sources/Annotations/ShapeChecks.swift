// The switch. Off, an annotated function is its body behind one load and one branch: annotations are
// not even made, since they are passed as autoclosures.
//
// One atomic number says whether anybody checks: bit 0 is the process's setting, and every scope that
// asks for checks adds 2. Only when it is not 0 is the task's own setting read.

public import Synchronization

/// Whether annotations are checked.
public enum ShapeChecks {
  @usableFromInline static let state = Atomic<Int>(1)
  @TaskLocal static var ofTask: Bool?

  /// The setting of the process, on at first; `withShapeChecks` overrides it for a task.
  public static var areOn: Bool {
    get { state.load(ordering: .relaxed) & 1 == 1 }
    set {
      if newValue {
        state.bitwiseOr(1, ordering: .relaxed)
      } else {
        state.bitwiseAnd(~1, ordering: .relaxed)
      }
    }
  }

  /// Whether the current task checks.
  @inlinable static var areActive: Bool {
    state.load(ordering: .relaxed) != 0 && areActiveHere
  }

  @usableFromInline static var areActiveHere: Bool { ofTask ?? areOn }
}

/// Runs `body` with annotations checked or not, whatever the process's setting.
public func withShapeChecks<R>(_ areOn: Bool, _ body: () throws -> R) rethrows -> R {
  ShapeChecks.enter(areOn)
  defer { ShapeChecks.leave(areOn) }
  return try ShapeChecks.$ofTask.withValue(areOn, operation: body)
}

/// Runs `body` with annotations checked or not, whatever the process's setting.
public func withShapeChecks<R>(
  _ areOn: Bool, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R
) async rethrows -> R {
  ShapeChecks.enter(areOn)
  defer { ShapeChecks.leave(areOn) }
  return try await ShapeChecks.$ofTask.withValue(areOn, operation: body)
}

extension ShapeChecks {
  fileprivate static func enter(_ areOn: Bool) {
    if areOn { state.add(2, ordering: .relaxed) }
  }

  fileprivate static func leave(_ areOn: Bool) {
    if areOn { state.subtract(2, ordering: .relaxed) }
  }
}
