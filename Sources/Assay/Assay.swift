
// Everything that a user of the package imports, under one name.
@_exported import Catalogue
@_exported import Core
@_exported import NN
@_exported import OpenBLASBackend
@_exported import Oracle
@_exported import Random
@_exported import Tree
