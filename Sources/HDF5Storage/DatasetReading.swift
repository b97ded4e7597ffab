// How does a dataset become a `StoredArray`? In this order: its type must be one of ours exactly, its
// layout one that HDF5 itself decodes from this file alone, its size believable; only then is memory
// taken and read into.
// Invariant: the elements are the stored bits (NaN payloads included), in the machine's byte order.

internal import CHDF5

extension HDF5File {
  /// Reads a whole dataset, in the type it is stored in.
  public func array(at path: String) throws -> StoredArray {
    try withLibrary {
      let dataset = try object(at: path, .dataset)
      let type = try elementType(of: dataset, path)
      try checkLayout(of: dataset, type, path)
      let shape = try believableShape(of: dataset, type, path)
      let elements = try elements(of: dataset, type, shape.reduce(1, *), path)
      return StoredArray(shape: shape, elements: try asBoolIfMarked(elements, path))
    }
  }

  private func elementType(of dataset: borrowing Handle, _ path: String) throws -> StoredType {
    guard let type = Handle(H5Dget_type(dataset.id)) else { throw damaged(path) }
    guard let known = StoredType(exactly: type) else {
      throw error(path, .unsupportedType(describeType(type)))
    }
    return known
  }

  private func believableShape(
    of dataset: borrowing Handle, _ type: StoredType, _ path: String
  ) throws -> [Int] {
    guard let space = Handle(H5Dget_space(dataset.id)) else { throw damaged(path) }
    guard H5Sget_simple_extent_type(space.id) != H5S_NULL else {
      throw error(path, .unsupportedLayout("without a shape (a null dataspace)"))
    }
    let limit = byteLimit
    guard let shape = readShape(space), let count = elementCount(shape, size: type.size) else {
      throw error(path, .tooLarge(claimed: "a shape beyond every address", limit: limit))
    }
    guard count * type.size <= limit else {
      throw error(path, .tooLarge(claimed: "\(type.rawValue)\(shape)", limit: limit))
    }
    return shape
  }

  private func elements(
    of dataset: borrowing Handle, _ type: StoredType, _ count: Int, _ path: String
  ) throws -> StoredArray.Elements {
    switch type {
    case .f32: .f32(try read(dataset, type, count, zero: 0, path))
    case .f64: .f64(try read(dataset, type, count, zero: 0, path))
    case .i32: .i32(try read(dataset, type, count, zero: 0, path))
    case .u32: .u32(try read(dataset, type, count, zero: 0, path))
    case .i64: .i64(try read(dataset, type, count, zero: 0, path))
    case .u8: .u8(try read(dataset, type, count, zero: 0, path))
    case .bool:
      .bool(try truths(try read(dataset, type, count, zero: UInt8(0), path), path))
    }
  }

  private func read<Element: BitwiseCopyable>(
    _ dataset: borrowing Handle, _ type: StoredType, _ count: Int, zero: Element, _ path: String
  ) throws -> [Element] {
    // Zeros first: HDF5 leaves the places of unwritten chunks alone when the file says so.
    var values = [Element](repeating: zero, count: count)
    guard let native = type == .bool ? makeBoolEnumeration() : Handle(H5Tcopy(type.native)) else {
      throw damaged(path)
    }
    let status = values.withUnsafeMutableBytes {
      H5Dread(
        dataset.id, native.id, chdf5_all(), chdf5_all(), chdf5_default(), $0.baseAddress)
    }
    guard status >= 0 else { throw damaged(path) }
    return values
  }

  private func asBoolIfMarked(
    _ elements: StoredArray.Elements, _ path: String
  ) throws -> StoredArray.Elements {
    guard case .u8(let bytes) = elements, try attributeNames(of: path).contains("dtype"),
      try attribute("dtype", of: path) == .string("bool")
    else { return elements }
    return .bool(try truths(bytes, path))
  }

  private func truths(_ bytes: [UInt8], _ path: String) throws -> [Bool] {
    guard let foreign = bytes.first(where: { $0 > 1 }) else { return bytes.map { $0 == 1 } }
    throw error(path, .damaged("a bool is neither 0 nor 1 but \(foreign)"))
  }
}

extension HDF5File {
  /// Refuses what would make HDF5 open other files, load plug-ins, or take memory by the chunk.
  private func checkLayout(
    of dataset: borrowing Handle, _ type: StoredType, _ path: String
  ) throws {
    guard let plan = Handle(H5Dget_create_plist(dataset.id)) else { throw damaged(path) }
    switch H5Pget_layout(plan.id) {
    case H5D_COMPACT: break
    case H5D_CONTIGUOUS:
      guard H5Pget_external_count(plan.id) == 0 else {
        throw error(path, .unsupportedLayout("in an external file"))
      }
    case H5D_CHUNKED: try checkChunks(plan, type, path)
    // Virtual datasets, and whatever a later version adds to this open C enumeration.
    case _: throw error(path, .unsupportedLayout("in a virtual or unknown layout"))
    }
  }

  private func checkChunks(
    _ plan: borrowing Handle, _ type: StoredType, _ path: String
  ) throws {
    for index in 0..<max(0, H5Pget_nfilters(plan.id)) {
      var flags: UInt32 = 0
      var count = 0
      var configuration: UInt32 = 0
      let filter = H5Pget_filter2(
        plan.id, UInt32(index), &flags, &count, nil, 0, nil, &configuration)
      // DEFLATE, shuffle and Fletcher's checksum (H5Zpublic.h); others may be plug-ins.
      guard (1...3).contains(filter) else {
        throw error(path, .unsupportedLayout("with filter \(filter)"))
      }
    }
    var extents = [hsize_t](repeating: 0, count: StorageLimits.maximumRank)
    let rank = Int(H5Pget_chunk(plan.id, Int32(extents.count), &extents))
    let limit = byteLimit
    let shape = extents.prefix(max(0, rank)).compactMap { Int(exactly: $0) }
    guard rank >= 1, rank <= extents.count, shape.count == rank,
      let count = elementCount(shape, size: type.size), count * type.size <= limit
    else { throw error(path, .tooLarge(claimed: "chunks of \(shape)", limit: limit)) }
  }
}
