// Where one run of a loop reads and writes: addresses, all for the same number of elements.
//
// Every operand has an element for every index. The result may be an operand's own memory, never a
// part of it shifted.

internal import Core

/// The memory of an elementwise loop.
struct LoopMemory {
  let out: UnsafeMutableRawPointer
  /// The addresses of all operands.
  let operands: UnsafeBufferPointer<UnsafeRawPointer>
  let count: Int
  private let first: UnsafeRawPointer
  private let second: UnsafeRawPointer

  @inline(__always)
  init(
    _ out: UnsafeMutableRawPointer, _ operands: UnsafeBufferPointer<UnsafeRawPointer>, _ count: Int
  ) {
    self.init(out, operands, count, operands[0], operands[operands.count > 1 ? 1 : 0])
  }

  @inline(__always)
  private init(
    _ out: UnsafeMutableRawPointer, _ operands: UnsafeBufferPointer<UnsafeRawPointer>, _ count: Int,
    _ first: UnsafeRawPointer, _ second: UnsafeRawPointer
  ) {
    (self.out, self.operands, self.count) = (out, operands, count)
    (self.first, self.second) = (first, second)
  }

  /// The same with operands `a` and `b` as the only ones.
  func reading(_ a: Int, _ b: Int) -> LoopMemory {
    LoopMemory(out, operands, count, operands[a], operands[b])
  }

  /// What was just written, and operand `b`, to the same place.
  func combining(with b: Int) -> LoopMemory {
    LoopMemory(out, operands, count, UnsafeRawPointer(out), operands[b])
  }

  /// The first operand's elements.
  @inline(__always)
  func x<T>(_: T.Type) -> UnsafePointer<T> { first.assumingMemoryBound(to: T.self) }

  /// The second operand's elements.
  @inline(__always)
  func y<T>(_: T.Type) -> UnsafePointer<T> { second.assumingMemoryBound(to: T.self) }

  /// The elements of operand `index`.
  @inline(__always)
  func operand<T>(_ index: Int) -> UnsafePointer<T> {
    operands[index].assumingMemoryBound(to: T.self)
  }

  /// The result's elements.
  @inline(__always)
  func result<T>(_: T.Type) -> UnsafeMutablePointer<T> { out.assumingMemoryBound(to: T.self) }

  /// out[i] = f(x[i]).
  @inline(__always)
  func map<A, B>(_ f: (A) -> B) {
    let (x, out) = (x(A.self), result(B.self))
    for i in 0..<count { out[i] = f(x[i]) }
  }

  /// out[i] = f(x[i], y[i]).
  @inline(__always)
  func zip<A, B, C>(_ f: (A, B) -> C) {
    let (x, y, out) = (x(A.self), y(B.self), result(C.self))
    for i in 0..<count { out[i] = f(x[i], y[i]) }
  }
}

extension DType {
  /// How many bytes an element takes in a storage.
  var width: Int {
    switch self {
    case .f32, .i32, .u32: 4
    case .f64: 8
    case .bool: 1
    }
  }
}

extension Storage {
  /// The address of the elements, good for as long as this storage is held and nobody changes it: a
  /// Swift array of numbers that someone holds stays where it is.
  var address: UnsafeRawPointer {
    func start<T>(_ x: [T]) -> UnsafeRawPointer {
      x.withUnsafeBytes { $0.baseAddress ?? UnsafeRawPointer(nowhere) }
    }
    return switch self {
    case .f32(let x): start(x)
    case .f64(let x): start(x)
    case .i32(let x): start(x)
    case .u32(let x): start(x)
    case .bool(let x): start(x)
    }
  }

  /// The address of the elements for whoever writes them: copied first, if anybody else holds them.
  fileprivate mutating func writableAddress() -> UnsafeMutableRawPointer {
    func start<T>(_ x: inout [T]) -> UnsafeMutableRawPointer {
      x.withUnsafeMutableBytes { $0.baseAddress ?? nowhere }
    }
    switch self {
    case .f32(var x):
      self = .bool([])
      defer { self = .f32(x) }
      return start(&x)
    case .f64(var x):
      self = .bool([])
      defer { self = .f64(x) }
      return start(&x)
    case .i32(var x):
      self = .bool([])
      defer { self = .i32(x) }
      return start(&x)
    case .u32(var x):
      self = .bool([])
      defer { self = .u32(x) }
      return start(&x)
    case .bool(var x):
      self = .bool([])
      defer { self = .bool(x) }
      return start(&x)
    }
  }

  /// A new storage that nobody else holds, its elements yet to be written, and where they are.
  static func unwritten(
    _ dtype: DType, _ count: Int
  ) -> (storage: Storage, address: UnsafeMutableRawPointer) {
    func made<T>(_ store: ([T]) -> Storage) -> (Storage, UnsafeMutableRawPointer) {
      var x = [T](unsafeUninitializedCapacity: count) { $1 = count }
      let address = x.withUnsafeMutableBytes { $0.baseAddress ?? nowhere }
      return (store(x), address)
    }
    return switch dtype {
    case .f32: made(Storage.f32)
    case .f64: made(Storage.f64)
    case .i32: made(Storage.i32)
    case .u32: made(Storage.u32)
    case .bool: made(Storage.bool)
    }
  }
}

extension Buffer {
  /// The elements, to be written over, and where they are; nothing stays.
  mutating func taken() -> (storage: Storage, address: UnsafeMutableRawPointer) {
    var storage = storage
    self = Buffer(shape: [0], .bool([]))
    let address = storage.writableAddress()
    return (storage, address)
  }
}

/// Where the elements of an empty array are: nothing is ever read or written there.
nonisolated(unsafe) private let nowhere = UnsafeMutableRawPointer.allocate(
  byteCount: 16, alignment: 16)
