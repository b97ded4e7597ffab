// A tensor's elements as bytes and back: no element is converted, so every bit survives (SE-06).

import Core

extension Storage {
  /// The elements as they lie in memory.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    switch self {
    case .f32(let x): try x.withUnsafeBytes(body)
    case .f64(let x): try x.withUnsafeBytes(body)
    case .i32(let x): try x.withUnsafeBytes(body)
    case .u32(let x): try x.withUnsafeBytes(body)
    case .bool(let x): try x.withUnsafeBytes(body)
    }
  }

  /// The next `count` elements of `source`.
  /// - Throws: `.truncated` before anything is allocated; `.badElement` for a bool that is neither
  ///   0 nor 1.
  init(_ count: Int, _ dtype: DType, from source: ByteSource) throws {
    switch dtype {
    case .f32: self = .f32(try read(count, from: source))
    case .f64: self = .f64(try read(count, from: source))
    case .i32: self = .i32(try read(count, from: source))
    case .u32: self = .u32(try read(count, from: source))
    case .bool: self = .bool(try readTruths(count, from: source))
    }
  }

  /// The elements, which lie with the first index running fastest, with the last running fastest.
  func rowMajor(_ shape: [Int]) -> Storage {
    guard shape.count > 1, count > 0 else { return self }
    return switch self {
    case .f32(let x): .f32(reordered(x, shape))
    case .f64(let x): .f64(reordered(x, shape))
    case .i32(let x): .i32(reordered(x, shape))
    case .u32(let x): .u32(reordered(x, shape))
    case .bool(let x): .bool(reordered(x, shape))
    }
  }
}

/// The next `count` elements, bit by bit.
func read<Element: BitwiseCopyable>(_ count: Int, from source: ByteSource) throws -> [Element] {
  let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.size)
  try source.demand(overflow ? .max : size)
  return try [Element](unsafeUninitializedCapacity: count) { elements, filled in
    try source.read(into: UnsafeMutableRawBufferPointer(elements))
    filled = count
  }
}

/// NumPy takes any byte but 0 for true; a file that we accept is one that is written back unchanged
/// (DV-73).
private func readTruths(_ count: Int, from source: ByteSource) throws -> [Bool] {
  let start = source.offset
  let bytes: [UInt8] = try read(count, from: source)
  if let place = bytes.firstIndex(where: { $0 > 1 }) {
    throw SerialisationError(
      .badElement("a bool is neither 0 nor 1 but \(bytes[place])"), offset: start + place)
  }
  return bytes.map { $0 == 1 }
}

/// Element (i₀, i₁, …) lies at i₀ + n₀ (i₁ + n₁ (…)).
private func reordered<Element>(_ elements: [Element], _ shape: [Int]) -> [Element] {
  var strides = [1]
  for extent in shape.dropLast() { strides.append(strides[strides.count - 1] * extent) }
  var index = [Int](repeating: 0, count: shape.count)
  var place = 0
  return elements.indices.map { _ in
    defer {
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return elements[place]
  }
}
