// Which HDF5 library runs here.

internal import CHDF5

/// The version of the HDF5 library, as `1.10.8`.
public var hdf5LibraryVersion: String {
  var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
  withLibrary { _ = H5get_libversion(&major, &minor, &release) }
  return "\(major).\(minor).\(release)"
}
