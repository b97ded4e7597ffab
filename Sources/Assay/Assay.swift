@_exported import Core
@_exported import OpenBLASBackend
@_exported import Oracle
