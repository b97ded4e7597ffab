// How much may a file make us allocate? Sizes in a file are claims; they are checked before anything
// is allocated. Invariant: an accepted claim is at most `maximumBytes`, and at most what a file of
// its real size can hold.

internal import CHDF5

enum StorageLimits {
  /// No dataset may need more memory than this, whatever the file's size.
  static let maximumBytes = 1 << 30
  /// DEFLATE's largest expansion (RFC 1951): two bits, a one-bit length code and a one-bit distance
  /// code, can stand for a match of 258 bytes, so 258 · 8 / 2 = 1032 bytes for each stored byte.
  static let largestExpansion = 1032
  /// A dataset whose chunks were never written takes no room in its file, and is read as fill
  /// values; a dataset this small is believed whatever the file's size.
  static let freeBytes = 1 << 20
  /// Groups nest no deeper than this; a fixture needs five levels.
  static let maximumDepth = 32
  /// No more objects than this are visited in one walk.
  static let maximumObjects = 1 << 20
  /// HDF5's own limit on the number of axes (H5S_MAX_RANK).
  static let maximumRank = 32

  /// The most bytes that a dataset in a file of `fileSize` bytes may claim.
  static func bytes(inFileOf fileSize: Int, allowCompression: Bool) -> Int {
    guard allowCompression else { return max(freeBytes, fileSize) }
    let (expanded, overflow) = fileSize.multipliedReportingOverflow(by: largestExpansion)
    return overflow ? maximumBytes : min(maximumBytes, max(freeBytes, expanded))
  }
}

/// The number of elements of a shape; `nil` when it, or its size in bytes, is no `Int`.
func elementCount(_ shape: [Int], size: Int) -> Int? {
  var count = 1
  // Zero first: [2^62, 2^62, 0] has no elements, and that is no overflow.
  if shape.contains(0) { return 0 }
  for extent in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: extent)
    if overflow || extent < 0 { return nil }
    count = product
  }
  return count.multipliedReportingOverflow(by: size).overflow ? nil : count
}

/// The shape of a dataspace; `nil` for HDF5's "null" dataspace, and for one that cannot be read.
func readShape(_ space: borrowing Handle) -> [Int]? {
  guard H5Sget_simple_extent_type(space.id) != H5S_NULL else { return nil }
  let rank = Int(H5Sget_simple_extent_ndims(space.id))
  guard (0...StorageLimits.maximumRank).contains(rank) else { return nil }
  var extents = [hsize_t](repeating: 0, count: rank)
  guard H5Sget_simple_extent_dims(space.id, &extents, nil) >= 0 else { return nil }
  let shape = extents.compactMap { Int(exactly: $0) }
  return shape.count == rank ? shape : nil
}
