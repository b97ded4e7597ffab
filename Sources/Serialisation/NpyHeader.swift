// The header of a .npy record: magic, version, length, and a Python dictionary as text.
//
// Written as NumPy writes it, byte for byte: version 1.0, keys in order of their names, room to grow
// for the first axis, padded with spaces so that the data start at a multiple of 64 bytes. Read in
// versions 1, 2 and 3. (NumPy's documentation, "A simple file format for NumPy arrays"; where that is
// silent, what NumPy 2.4.6 does.)

/// What a record says of itself.
struct NpyHeader: Equatable {
  /// NumPy's code of the element type.
  var descr: String
  /// Whether the first index runs fastest.
  var isFortranOrder = false
  /// The extent of each axis.
  var shape: [Int]

  /// NumPy holds no arrays with more axes.
  static let maximumRank = 64
  /// NumPy reads no header that is longer.
  static let maximumLength = 10_000
  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
  private static let alignment = 64
  /// What NumPy keeps free for the axis that may grow: the digits of 8·2⁶⁴ − 1.
  private static let growthDigits = 21

  /// The bytes, up to the data.
  var bytes: [UInt8] {
    let order = isFortranOrder ? "True" : "False"
    var text = "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(shapeText), }"
    if let growing = isFortranOrder ? shape.last : shape.first {
      text += String(repeating: " ", count: max(0, Self.growthDigits - "\(growing)".utf8.count))
    }
    let start = Self.magic.count + 4
    let padding = Self.alignment - (start + text.utf8.count + 1) % Self.alignment
    let length = text.utf8.count + padding + 1
    var bytes = Self.magic + [1, 0, UInt8(truncatingIfNeeded: length), UInt8(length >> 8)]
    bytes.reserveCapacity(start + length)
    bytes += text.utf8
    bytes += repeatElement(0x20, count: padding)
    bytes.append(0x0A)
    return bytes
  }

  /// As Python prints a tuple.
  private var shapeText: String {
    guard shape.count != 1 else { return "(\(shape[0]),)" }
    return "(\(shape.map { "\($0)" }.joined(separator: ", ")))"
  }
}

extension NpyHeader {
  /// Reads a header; the data follow.
  init(from source: ByteSource) throws {
    let start = source.offset
    do {
      let length = try Self.length(from: source)
      guard length <= Self.maximumLength else {
        throw SerialisationError(
          .badHeader("\(length) bytes of text; NumPy reads at most \(Self.maximumLength)"))
      }
      var reader = try NpyLiteral(source.read(length))
      self = try reader.header()
    } catch let error as SerialisationError {
      throw SerialisationError(error.reason, offset: start)
    }
  }

  /// The length of the text: two bytes in version 1, four in 2 and 3.
  private static func length(from source: ByteSource) throws -> Int {
    let start = try source.read(magic.count + 2)
    guard start.starts(with: magic) else {
      throw SerialisationError(.notThisFormat("a .npy record (no NumPy magic)"))
    }
    let version = start.suffix(2)
    switch (version.first, version.last) {
    case (1, 0): return try source.read(2).littleEndianInteger
    case (2, 0), (3, 0): return try source.read(4).littleEndianInteger
    case _:
      let text = version.map { "\($0)" }.joined(separator: ".")
      throw SerialisationError(.badHeader("version \(text); NumPy writes 1.0, 2.0 and 3.0"))
    }
  }

  /// The number of elements, and of their bytes.
  /// - Throws: `.badHeader` if that is no number a machine could address.
  func size(of type: NpyType) throws -> (count: Int, bytes: Int) {
    // Zero first: [2⁶², 2⁶², 0] has no elements, and that is no overflow.
    if shape.contains(0) { return (0, 0) }
    var bytes = type.size
    for extent in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflow, extent > 0 else {
        throw SerialisationError(.badHeader("a shape \(shapeText) that no memory holds"))
      }
      bytes = product
    }
    return (bytes / type.size, bytes)
  }
}

extension Collection<UInt8> {
  /// The unsigned number of these few bytes, the lowest first.
  var littleEndianInteger: Int {
    reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
