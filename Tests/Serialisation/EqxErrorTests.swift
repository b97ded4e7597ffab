// Bad input to the stream: one error that names file, leaf and byte; the old file stays.

import Core
import Foundation
import NN
import Random
import Serialisation
import TestSupport
import Testing
import Tree

/// What loading throws.
private func fault<T: PyTree>(
  _ bytes: [UInt8], like skeleton: T, accepting leniency: Leniency = []
) -> String? {
  do { _ = try deserialiseLeaves(from: bytes, like: skeleton, accepting: leniency) } catch {
    return "\(error)"
  }
  return nil
}

@Suite struct EqxErrorTests {
  @Test func `SE-03 what does not fit is named by leaf, byte and both types`() throws {
    let file = try serialiseLeaves(Linear(3, 2, key: Key(0)))
    #expect(
      fault(file, like: try Linear(3, 4, key: Key(0)))
        == ".weight: at byte 0: the file has f32[2,3], this tree has f32[4,3]")
    #expect(
      fault(file, like: try Linear(3, 2, dtype: .f64, key: Key(0)))
        == ".weight: at byte 0: the file has f32[2,3], this tree has f64[2,3]")
    #expect(
      fault(file, like: Tuple(try zeros([2, 3]), 1.0))
        == "[1]: at byte 152: the file has f32[2], this tree has a double")
    #expect(
      fault(file, like: Tuple(try zeros([2, 3]), try zeros([2]), Tensor(1)))
        == "[2]: at byte 288: is truncated: 8 bytes are needed here, 0 are left")
  }

  @Test func `SE-03 a file cut at any length is an error with the path of a leaf`() throws {
    let model = try MLP(2, 1, widthSize: 3, depth: 1, key: Key(0))
    let file = try serialiseLeaves(model)
    for length in 0..<file.count {
      let words = fault(Array(file.prefix(length)), like: model)
      #expect(words?.hasPrefix(".layers[") == true && words?.contains("truncated") == true)
    }
  }

  @Test func `SE-04 DV-72 trailing bytes are refused unless they are accepted by name`() throws {
    let file = try serialiseLeaves(Tensor(1)) + [1, 2, 3]
    #expect(fault(file, like: Tensor(0))?.hasPrefix("at byte 132: 3 bytes are left over") == true)
    #expect(fault(file, like: Tensor(0), accepting: .trailingBytes) == nil)
  }

  @Test func `SE-04 DV-71 a number of another type is refused unless it is accepted by name`()
    throws
  {
    func load<T: PyTree>(_ tree: T, _ old: T) throws -> T { tree }
    let (whole, real) = (try serialiseLeaves(7), try serialiseLeaves(0.9))
    #expect(
      fault(whole, like: 0.0) == "the root: at byte 0: the file has i64[], this tree has a double")
    #expect(fault(real, like: 0) == "the root: at byte 0: the file has f64[], this tree has an int")
    #expect(
      fault(whole, like: false) == "the root: at byte 0: the file has i64[], this tree has a bool")
    let choice = Leniency.scalarConversions
    #expect(try deserialiseLeaves(from: whole, like: 0.0, accepting: choice) == 7)
    #expect(try deserialiseLeaves(from: real, like: 0, accepting: choice) == 0)
    #expect(try deserialiseLeaves(from: serialiseLeaves(-0.9), like: 3, accepting: choice) == 0)
    #expect(try deserialiseLeaves(from: whole, like: false, accepting: choice))
    let nan = try serialiseLeaves(Double.nan)
    #expect(try deserialiseLeaves(from: nan, like: false, accepting: choice), "as Python's bool()")
    let one = try serialiseLeaves(Tensor([[7.5]]))
    #expect(try deserialiseLeaves(from: one, like: 0.0, accepting: choice) == 7.5)
    #expect(fault(try serialiseLeaves(Double.nan), like: 0, accepting: choice) != nil)
    #expect(fault(try serialiseLeaves(1e300), like: 0, accepting: choice) != nil)
    #expect(fault(try serialiseLeaves(Tensor([1, 2])), like: 0.0, accepting: .equinox) != nil)
  }

  @Test func `SE-04 DV-70 f64 into f32 is refused unless it is accepted by name`() throws {
    let file = try serialiseLeaves(Tensor([0.1, 2], .f64))
    #expect(
      fault(file, like: Tensor([0, 0]))
        == "the root: at byte 0: the file has f64[2], this tree has f32[2]")
    let narrow = try deserialiseLeaves(from: file, like: Tensor([0, 0]), accepting: .narrowing)
    #expect(try haveSameBits(narrow, Tensor([0.1, 2])))
    #expect(fault(file, like: try zeros([2], .i32), accepting: .equinox) != nil)
    #expect(fault(file, like: try zeros([2, 1]), accepting: .equinox) != nil)
    let wide = try serialiseLeaves(1 << 40 + 5)
    let low = try deserialiseLeaves(from: wide, like: zeros([], .i32), accepting: .equinox)
    #expect(try low.item == 5)
  }

  @Test func `DV-73 a bool that is neither 0 nor 1 is refused`() throws {
    let file = try serialiseLeaves(true).dropLast() + [7]
    #expect(
      fault(Array(file), like: try zeros([], .bool))
        == "the root: at byte 128: a bool is neither 0 nor 1 but 7")
  }

  // np.load takes 10,000 bytes of text and refuses 10,001 (max_header_size).
  @Test func `SE-05 a header is as long as NumPy reads it and no longer`() {
    func record(_ length: Int) -> [UInt8] {
      let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (), }"
      let spaces = String(repeating: " ", count: length - text.utf8.count - 1)
      let size = [UInt8(truncatingIfNeeded: length), UInt8(length >> 8), 0, 0]
      let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 2, 0]
      return magic + size + Array((text + spaces + "\n").utf8) + [0, 0, 0, 0]
    }
    #expect(fault(record(10_000), like: Tensor(1)) == nil)
    #expect(fault(record(10_001), like: Tensor(1))?.contains("reads at most 10000") == true)
  }

  // NumPy 2.4.6 reads these spaces but the vertical tab and the zero byte. Of 00, +2 and 2_0 it makes
  // numbers, which it never writes.
  @Test
  func `SE-05 a header may have spaces where Python has them, and numbers as NumPy writes them`()
    throws
  {
    func npy(_ space: String, _ extent: String = "2") -> [UInt8] {
      let text =
        "{'descr':\(space)'<f4'\(space),'fortran_order': False,'shape':\(space)(\(space)\(extent)"
        + "\(space),)\(space)}\(space)\n"
      let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]
      let values = [UInt8](repeating: 0, count: extent.hasSuffix("9") ? 36 : 8)
      return magic + [UInt8(text.utf8.count), 0] + Array(text.utf8) + values
    }
    for space in ["", " ", "\t", "\r", "\n", "\t \r\n"] {
      #expect(fault(npy(space), like: try zeros([2])) == nil, "\(space.debugDescription)")
    }
    #expect(fault(npy("", "9"), like: try zeros([9])) == nil)
    #expect(fault(npy("\u{B}"), like: try zeros([2])) != nil)
    #expect(fault(npy("\0"), like: try zeros([2])) != nil)
    for extent in ["02", "00", "", "+2", "-2", "2_0"] {
      #expect(fault(npy("", extent), like: try zeros([2])) != nil, "\(extent)")
    }
  }

  // np.zeros((1,) * 65) is refused by NumPy 2.4.6.
  @Test func `SE-05 more axes than NumPy has are not written`() throws {
    let axes = [Int](repeating: 1, count: 65)
    #expect(
      try deserialiseLeaves(
        from: serialiseLeaves(zeros(Array(axes.dropLast()))), like: zeros(Array(axes.dropLast()))
      )
      .rank == 64)
    let error = #expect(throws: SerialisationError.self) { try serialiseLeaves(zeros(axes)) }
    #expect(error?.reason == .cannotHold("65 axes; NumPy reads at most 64"))
  }

  @Test func `a tensor under trace is refused with its path`() throws {
    let jaxpr = { (x: Tensor) in
      let error = #expect(throws: SerialisationError.self) { try serialiseLeaves([x]) }
      #expect(error?.path?.description == "[0]")
      return x
    }
    let stage = filterMakeJaxpr(jaxpr)
    _ = try stage(Tensor([1, 2]))
  }

  @Test func `names: the suffix rule is pathlib's`() throws {
    try withTemporaryFolder { folder in
      for (name, expected) in [
        "a": "a.eqx", "a.b": "a.b", "a.": "a..eqx", ".h": ".h.eqx", ".h.x": ".h.x", "..a": "..a",
        "x.tar.gz": "x.tar.gz", "a..b": "a..b", "a.b.": "a.b..eqx",
      ] {
        try serialiseLeaves(1.5, to: folder + "/" + name)
        #expect(FileManager.default.fileExists(atPath: folder + "/" + expected), "\(name)")
        #expect(try deserialiseLeaves(from: folder + "/" + name, like: 0.0) == 1.5)
      }
    }
  }
}
