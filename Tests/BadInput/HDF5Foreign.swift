// Law: a well-formed file that holds what we do not read (other types, other layouts, links that lead
// elsewhere, sizes beyond belief) is refused with an error naming it, before memory is taken. The files
// are made with the C library itself.

import CHDF5
import Foundation
import HDF5Storage
import TestSupport
import Testing

/// Makes a file with the C library and opens it with ours.
private func withForeignFile(
  olderFormat: Bool = false, _ make: (hid_t) throws -> Void,
  change: (inout [UInt8]) -> Void = { _ in }, check: (HDF5File) throws -> Void
) throws {
  try withTemporaryFolder { folder in
    let path = folder + "/foreign.h5"
    let access = H5Pcreate(chdf5_file_access())
    defer { H5Pclose(access) }
    if !olderFormat { H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) }
    let id = H5Fcreate(path, chdf5_exclusive(), chdf5_default(), access)
    try make(id)
    // A close that fails leaves a file that no check below would pass.
    #expect(H5Fclose(id) >= 0)
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    change(&bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    try check(try HDF5File.open(path, requireChecksums: !olderFormat))
  }
}

private func littleEndian(_ value: UInt64) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
}

/// Adds a text of variable length, which HDF5 stores in the global heap.
private func addVariableText(_ file: hid_t, _ name: String, _ text: String) {
  let type = H5Tcopy(chdf5_c_string())
  H5Tset_size(type, chdf5_variable())
  H5Tset_cset(type, H5T_CSET_UTF8)
  let space = H5Screate(H5S_SCALAR)
  let attribute = H5Acreate2(file, name, type, space, chdf5_default(), chdf5_default())
  text.withCString { start in
    var pointer: UnsafePointer<CChar>? = start
    #expect(H5Awrite(attribute, type, &pointer) >= 0, "the test could not make \(name)")
  }
  H5Aclose(attribute)
  H5Sclose(space)
  H5Tclose(type)
}

private func addDataset(
  _ file: hid_t, _ name: String, _ type: hid_t, _ shape: [hsize_t], plan: hid_t = chdf5_default()
) {
  let space = H5Screate_simple(Int32(shape.count), shape, nil)
  let dataset = H5Dcreate2(file, name, type, space, chdf5_default(), plan, chdf5_default())
  #expect(dataset >= 0, "the test could not make \(name)")
  H5Dclose(dataset)
  H5Sclose(space)
}

private func chunked(_ extents: [hsize_t], deflate: Bool = false) -> hid_t {
  let plan = H5Pcreate(chdf5_dataset_create())
  H5Pset_chunk(plan, Int32(extents.count), extents)
  if deflate { H5Pset_deflate(plan, 9) }
  return plan
}

@Suite struct HDF5ForeignTypes {
  @Test func `a type that is not exactly one of ours is named and refused`() throws {
    let compound = H5Tcreate(H5T_COMPOUND, 8)
    H5Tinsert(compound, "re", 0, chdf5_f32le())
    H5Tinsert(compound, "im", 4, chdf5_f32le())
    let small = H5Tcopy(chdf5_i32le())
    H5Tset_size(small, 2)
    let text = H5Tcopy(chdf5_c_string())
    H5Tset_size(text, 9)
    let enumeration = H5Tenum_create(chdf5_i8le())
    var one: Int8 = 1
    H5Tenum_insert(enumeration, "ONE", &one)
    let odd = H5Tcopy(chdf5_i32le())
    H5Tset_precision(odd, 31)
    let types: [(hid_t, String)] = [
      (compound, "a compound type"), (small, "i16"), (text, "a string"),
      (enumeration, "an enumeration (not h5py's bool)"), (odd, "i32"),
      (H5Tcreate(H5T_OPAQUE, 3), "an opaque type"),
      (H5Tvlen_create(chdf5_f32le()), "a variable-length sequence"),
      (H5Tarray_create2(chdf5_f32le(), 1, [2]), "an array type"),
    ]
    try withForeignFile { file in
      for (index, (type, _)) in types.enumerated() { addDataset(file, "\(index)", type, [2]) }
    } check: { file throws in
      for (index, (_, name)) in types.enumerated() {
        #expect(reason { _ = try file.array(at: "\(index)") } == .unsupportedType(name))
      }
    }
  }

  @Test func `big-endian data are read in native order`() throws {
    try withForeignFile { file in
      let space = H5Screate(H5S_SCALAR)
      let dataset = H5Dcreate2(
        file, "x", chdf5_f32be(), space, chdf5_default(), chdf5_default(), chdf5_default())
      var value = Float(bitPattern: 0x7FC1_2345)
      H5Dwrite(dataset, chdf5_native_f32(), chdf5_all(), chdf5_all(), chdf5_default(), &value)
      H5Dclose(dataset)
      H5Sclose(space)
    } check: { file throws in
      guard case .f32(let values) = try file.array(at: "x").elements else {
        Issue.record("not read as f32")
        return
      }
      #expect(values.map(\.bitPattern) == [0x7FC1_2345])
    }
  }

  @Test func `a u8 marked as bool that is neither 0 nor 1 is refused`() throws {
    try withTemporaryFolder { folder in
      try HDF5File.create(folder + "/a.h5") {
        try $0.write(StoredArray(shape: [2], elements: .u8([1, 7])), at: "x")
        try $0.setAttribute("dtype", of: "x", to: .string("bool"))
      }
      let file = try HDF5File.open(folder + "/a.h5")
      #expect(
        reason { _ = try file.array(at: "x") }
          == .damaged("a bool is neither 0 nor 1 but 7"))
    }
  }
}

@Suite struct HDF5HostileSizes {
  @Test(
    arguments: [
      [1 << 60], [1 << 31, 1 << 31], [1 << 62, 1 << 62, 1 << 62], [1 << 28],
    ] as [[hsize_t]])
  func `a chunked dataset that claims more than its file can hold is refused`(
    shape: [hsize_t]
  ) throws {
    try withForeignFile { file in
      let plan = chunked(shape.map { _ in 16 }, deflate: true)
      addDataset(file, "x", chdf5_f64le(), shape, plan: plan)
      H5Pclose(plan)
    } check: { file throws in
      #expect(
        faultName { _ = try file.array(at: "x") } == "tooLarge", "\(shape) should be too large")
    }
  }

  @Test func `a chunk that is larger than the limit is refused`() throws {
    try withForeignFile { file in
      let space = H5Screate_simple(1, [4], [UInt64.max])
      let plan = chunked([1 << 28])
      H5Dclose(
        H5Dcreate2(file, "x", chdf5_f64le(), space, chdf5_default(), plan, chdf5_default()))
      H5Pclose(plan)
      H5Sclose(space)
    } check: { file throws in
      #expect(
        faultName { _ = try file.array(at: "x") } == "tooLarge", "the chunk should be too large")
    }
  }

  // In the older format, which has no checksums, a changed size reaches our own check.
  @Test func `a contiguous dataset whose size was changed to 2 to the 60 is refused`() throws {
    let old = littleEndian(12_347)
    let claim = littleEndian(1 << 60)
    try withForeignFile(olderFormat: true) { file in
      addDataset(file, "x", chdf5_u8le(), [12_347])
    } change: { bytes in
      var changes = 0
      for start in 0...(bytes.count - 8) where Array(bytes[start..<start + 8]) == old {
        bytes.replaceSubrange(start..<start + 8, with: claim)
        changes += 1
      }
      #expect(changes >= 2, "the extent and the storage size")
    } check: { file throws in
      #expect(faultName { _ = try file.array(at: "x") } == "tooLarge")
    }
  }

  @Test func `a small dataset of unwritten chunks reads as zeros`() throws {
    try withForeignFile { file in
      let plan = chunked([4])
      addDataset(file, "x", chdf5_i32le(), [5], plan: plan)
      H5Pclose(plan)
    } check: { file throws in
      #expect(
        try file.array(at: "x")
          == StoredArray(shape: [5], elements: .i32([Int32](repeating: 0, count: 5))))
    }
  }
}

@Suite struct HDF5ForeignLayouts {
  @Test func `an unknown filter, an external file and a virtual dataset are refused`() throws {
    try withForeignFile { file in
      let scaled = chunked([2])
      H5Pset_scaleoffset(scaled, H5Z_SO_INT, 0)
      addDataset(file, "filter", chdf5_i32le(), [2], plan: scaled)
      let external = H5Pcreate(chdf5_dataset_create())
      H5Pset_external(external, "/etc/hostname", 0, 8)
      addDataset(file, "external", chdf5_i32le(), [2], plan: external)
      let virtual = H5Pcreate(chdf5_dataset_create())
      let space = H5Screate_simple(1, [2], nil)
      H5Pset_virtual(virtual, space, "other.h5", "x", space)
      addDataset(file, "virtual", chdf5_i32le(), [2], plan: virtual)
    } check: { file throws in
      for name in ["filter", "external", "virtual"] {
        #expect(
          faultName { _ = try file.array(at: name) } == "unsupportedLayout",
          "\(name) should be refused")
      }
    }
  }

  @Test func `a dataset without a shape is refused`() throws {
    try withForeignFile { file in
      let space = H5Screate(H5S_NULL)
      H5Dclose(
        H5Dcreate2(
          file, "x", chdf5_f32le(), space, chdf5_default(), chdf5_default(), chdf5_default()))
      H5Sclose(space)
    } check: { file throws in
      #expect(
        reason { _ = try file.array(at: "x") }
          == .unsupportedLayout("without a shape (a null dataspace)"))
    }
  }

  @Test func `deflated and shuffled chunks are read`() throws {
    try withForeignFile { file in
      let plan = chunked([64], deflate: true)
      H5Pset_shuffle(plan)
      H5Pset_fletcher32(plan)
      let space = H5Screate_simple(1, [100], nil)
      let dataset = H5Dcreate2(
        file, "x", chdf5_i32le(), space, chdf5_default(), plan, chdf5_default())
      let values = [Int32](0..<100)
      H5Dwrite(dataset, chdf5_native_i32(), chdf5_all(), chdf5_all(), chdf5_default(), values)
      H5Dclose(dataset)
      H5Sclose(space)
      H5Pclose(plan)
    } check: { file throws in
      #expect(try file.array(at: "x").elements == .i32([Int32](0..<100)))
    }
  }
}

@Suite struct HDF5Links {
  @Test func `soft and external links are listed but never followed`() throws {
    try withForeignFile { file in
      addDataset(file, "x", chdf5_f32le(), [1])
      H5Lcreate_soft("/x", file, "soft", chdf5_default(), chdf5_default())
      H5Lcreate_soft("/loop", file, "loop", chdf5_default(), chdf5_default())
      H5Lcreate_external("other.h5", "/x", file, "out", chdf5_default(), chdf5_default())
    } check: { file throws in
      #expect(try file.children().map(\.kind) == [.other, .other, .other, .dataset])
      for name in ["soft", "loop", "out", "out/x"] {
        #expect(reason { _ = try file.array(at: name) } == .indirectLink)
      }
      #expect(reason { _ = try file.datasetPaths() } == .indirectLink)
    }
  }

  @Test func `a group that holds itself ends the walk with an error`() throws {
    try withForeignFile { file in
      let group = H5Gcreate2(file, "g", chdf5_default(), chdf5_default(), chdf5_default())
      H5Lcreate_hard(file, "g", group, "self", chdf5_default(), chdf5_default())
      H5Gclose(group)
    } check: { file throws in
      #expect(reason { _ = try file.datasetPaths() } == .tooDeep(limit: 32))
    }
  }
}

@Suite struct HDF5ForeignAttributes {
  private func add(
    _ file: hid_t, _ name: String, _ type: hid_t, _ shape: [hsize_t], _ bytes: [UInt8]
  ) {
    let space =
      shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), shape, nil)
    let attribute = H5Acreate2(file, name, type, space, chdf5_default(), chdf5_default())
    #expect(H5Awrite(attribute, type, bytes) >= 0, "the test could not make \(name)")
    H5Aclose(attribute)
    H5Sclose(space)
  }

  private func text(_ size: Int, _ padding: H5T_str_t) -> hid_t {
    let type = H5Tcopy(chdf5_c_string())
    H5Tset_size(type, size)
    H5Tset_strpad(type, padding)
    return type
  }

  @Test func `text of fixed length ends where its padding begins`() throws {
    try withForeignFile { file in
      add(file, "nulls", text(5, H5T_STR_NULLPAD), [], [UInt8]("abc\0\0".utf8))
      add(file, "full", text(3, H5T_STR_NULLPAD), [], [UInt8]("abc".utf8))
      add(file, "spaces", text(5, H5T_STR_SPACEPAD), [], [UInt8]("a b  ".utf8))
      add(file, "list", text(2, H5T_STR_NULLPAD), [2], [UInt8]("a\0bc".utf8))
    } check: { file throws in
      #expect(try file.string("nulls") == "abc")
      #expect(try file.string("full") == "abc")
      #expect(try file.string("spaces") == "a b")
      #expect(try file.attribute("list") == .strings(["a", "bc"]))
    }
  }

  @Test func `integers of any width that fit are read`() throws {
    try withForeignFile { file in
      add(file, "u8", chdf5_u8le(), [], [200])
      add(file, "i8", chdf5_i8le(), [], [200])
      add(file, "i32be", chdf5_i32be(), [], [0, 0, 1, 0])
      add(file, "u64", chdf5_native_u64(), [], [UInt8](repeating: 255, count: 8))
    } check: { file throws in
      #expect(try file.int("u8") == 200)
      #expect(try file.int("i8") == -56)
      #expect(try file.int("i32be") == 256)
      #expect(faultName { _ = try file.int("u64") } == "wrongAttributeType", "2^64 - 1 is no Int")
    }
  }

  @Test func `text that is not UTF-8 and arrays of numbers are refused`() throws {
    try withForeignFile { file in
      add(file, "latin", text(2, H5T_STR_NULLPAD), [], [0xE9, 0x20])
      add(file, "array", chdf5_f64le(), [2], [UInt8](repeating: 0, count: 16))
      add(file, "table", text(1, H5T_STR_NULLPAD), [1, 1], [65])
    } check: { file throws in
      #expect(reason { _ = try file.string("latin") } == .notUTF8("attribute 'latin'"))
      for name in ["array", "table"] {
        #expect(
          faultName { _ = try file.attribute(name) } == "wrongAttributeType",
          "\(name) should be refused")
      }
    }
  }
}

@Suite struct HDF5Checksums {
  @Test func `the older format is refused unless it is asked for`() throws {
    try withForeignFile(olderFormat: true) { file in
      addDataset(file, "x", chdf5_i32le(), [2])
      addVariableText(file, "text", "größe")
    } check: { file throws in
      #expect(reason { _ = try HDF5File.open(file.path) } == .withoutChecksums)
      #expect(try file.array(at: "x").elements == .i32([0, 0]))
      #expect(try file.string("text") == "größe")
    }
  }

  // A collection takes 4096 bytes, of which the texts fill the first 200.
  @Test func `a global heap with any one byte changed is an error or a value`() throws {
    var whole: [UInt8] = []
    var path = ""
    try withForeignFile { file in
      addVariableText(file, "a", "größe")
      addVariableText(file, "b", String(repeating: "x", count: 100))
    } change: { bytes in
      whole = bytes
    } check: { file throws in
      path = file.path
      #expect(try file.string("a") == "größe")
      var refused = 0
      let start = try #require(whole.firstRange(of: [UInt8]("GCOL".utf8))).lowerBound
      for index in start..<start + 200 {
        for flip in [0xFF, 0x80, 1 << UInt8(index % 8)] as [UInt8] {
          var bytes = whole
          bytes[index] ^= flip
          try Data(bytes).write(to: URL(fileURLWithPath: path + ".changed"))
          do {
            let changed = try HDF5File.open(path + ".changed")
            for name in ["a", "b"] { _ = try changed.string(name) }
          } catch is StorageError {
            refused += 1
          }
        }
      }
      // The two sizes and the collection's own take 24 bytes, each changed 3 times.
      #expect(refused >= 24)
    }
  }
}
