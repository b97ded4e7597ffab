// OpenBLASBackend: see docs.
