// From a storage to the Swift array inside it and back, without a copy.

internal import Core

/// A Swift type that some dtype stores.
protocol StorageElement: Sendable {
  /// The array in `storage`, which must be of this type's dtype.
  static func array(_ storage: Storage) -> [Self]
  static func storage(_ array: [Self]) -> Storage
}

extension Float: StorageElement {
  static func array(_ storage: Storage) -> [Float] {
    guard case .f32(let x) = storage else { preconditionFailure("\(storage.dtype) is not f32") }
    return x
  }
  static func storage(_ array: [Float]) -> Storage { .f32(array) }
}

extension Double: StorageElement {
  static func array(_ storage: Storage) -> [Double] {
    guard case .f64(let x) = storage else { preconditionFailure("\(storage.dtype) is not f64") }
    return x
  }
  static func storage(_ array: [Double]) -> Storage { .f64(array) }
}

extension Int32: StorageElement {
  static func array(_ storage: Storage) -> [Int32] {
    guard case .i32(let x) = storage else { preconditionFailure("\(storage.dtype) is not i32") }
    return x
  }
  static func storage(_ array: [Int32]) -> Storage { .i32(array) }
}

extension UInt32: StorageElement {
  static func array(_ storage: Storage) -> [UInt32] {
    guard case .u32(let x) = storage else { preconditionFailure("\(storage.dtype) is not u32") }
    return x
  }
  static func storage(_ array: [UInt32]) -> Storage { .u32(array) }
}

extension Bool: StorageElement {
  static func array(_ storage: Storage) -> [Bool] {
    guard case .bool(let x) = storage else { preconditionFailure("\(storage.dtype) is not bool") }
    return x
  }
  static func storage(_ array: [Bool]) -> Storage { .bool(array) }
}

/// `count` elements, each written by `fill`.
@inline(__always)
func filledArray<T>(_ count: Int, _ fill: (UnsafeMutablePointer<T>) -> Void) -> [T] {
  Array(unsafeUninitializedCapacity: count) { buffer, initialized in
    if let base = buffer.baseAddress, count > 0 { fill(base) }
    initialized = count
  }
}
