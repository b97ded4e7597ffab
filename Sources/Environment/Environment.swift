// What runs here: versions, devices, machine. The first cell of a notebook, as
// `jax.print_environment_info()` and `jax.devices()` are in Python.

internal import Foundation
internal import HDF5Storage
internal import OpenBLASBackend

/// The version of this package.
public let assayVersion = "0.1.0"

/// One line of the environment: a name and what it is here.
public struct EnvironmentFact: Hashable, Sendable, CustomStringConvertible {
  /// `assay`, `swift`, `openblas`, `hdf5`, `system`, `devices`, `cores`, `simd` or `memory`.
  public let name: String
  /// What it is.
  public let value: String

  /// `name: value`.
  public var description: String { "\(name): \(value)" }
}

/// Versions, then devices and machine.
public func environmentInfo() -> [EnvironmentFact] {
  [
    EnvironmentFact(name: "assay", value: assayVersion),
    EnvironmentFact(name: "swift", value: swiftVersion),
    EnvironmentFact(name: "openblas", value: OpenBLASBackend().libraryDescription),
    EnvironmentFact(name: "hdf5", value: hdf5LibraryVersion),
    EnvironmentFact(
      name: "system",
      value: "\(ProcessInfo.processInfo.operatingSystemVersionString), \(Processor.architecture)"),
    EnvironmentFact(name: "devices", value: "\(devices()), \(devices()[0].kind)"),
    EnvironmentFact(name: "cores", value: "\(ProcessInfo.processInfo.activeProcessorCount)"),
    EnvironmentFact(name: "simd", value: Processor.current.simd.rawValue),
    EnvironmentFact(name: "memory", value: gibibytes(ProcessInfo.processInfo.physicalMemory)),
  ]
}

/// The environment as a table, one fact on each line.
public func environmentText() -> String {
  let facts = environmentInfo()
  let width = facts.map(\.name.count).max() ?? 0
  return facts.map { fact in
    fact.name + String(repeating: " ", count: width + 2 - fact.name.count) + fact.value
  }.joined(separator: "\n")
}

/// Something that runs programs.
public struct Device: Hashable, Sendable, CustomStringConvertible {
  /// Its number among the devices of its platform.
  public let id: Int
  /// The name of the processor.
  public let kind: String

  /// As JAX prints it.
  public var description: String { "CpuDevice(id=\(id))" }
}

/// The devices, as `jax.devices()` lists them: the processor is one, however many cores it has.
public func devices() -> [Device] { [Device(id: 0, kind: Processor.current.name)] }

/// The compiler that built this. The runtime library knows a version too, without its last number.
private var swiftVersion: String {
  #if compiler(>=6.4)
    "6.4 or later"
  #elseif compiler(>=6.3.2)
    "6.3.2 or later"
  #elseif compiler(>=6.3.1)
    "6.3.1"
  #elseif compiler(>=6.3)
    "6.3"
  #else
    "6.2"
  #endif
}

private func gibibytes(_ bytes: UInt64) -> String {
  "\((Double(bytes) / 0x1p30 * 10).rounded() / 10) GiB"
}
