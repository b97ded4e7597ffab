// HDF5Storage: see docs.
