// A handle owns one HDF5 identifier (file, group, dataset, type, space, attribute or property list)
// and gives it back when it goes out of scope. It cannot be copied, so nothing closes twice and
// nothing stays open after an error.

internal import CHDF5

struct Handle: ~Copyable, Sendable {
  let id: hid_t

  /// Takes over an identifier that HDF5 just returned; `nil` when the call failed.
  init?(_ id: hid_t) {
    guard id >= 0 else { return nil }
    self.id = id
  }

  deinit {
    // One call closes every kind of identifier. A failure here concerns an object only read from;
    // a written file is closed by `close()`, which reports.
    _ = withLibrary { H5Idec_ref(id) }
  }

  /// Closes now, and says whether that worked: on a written file, this is the last write.
  consuming func close() -> Bool {
    let closed = withLibrary { H5Idec_ref(id) } >= 0
    discard self
    return closed
  }

  var kind: StoredKind {
    switch H5Iget_type(id) {
    case H5I_GROUP: .group
    case H5I_DATASET: .dataset
    // A C enumeration is open: whatever else an identifier may be is neither of the two we read.
    case _: .other
    }
  }
}
