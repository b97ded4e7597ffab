// `assay info`: what runs here, which programs are known, and what runs where.

import ArgumentParser
import Catalogue
import Core
import Foundation
import HDF5Storage
import OpenBLASBackend
import Oracle

/// Versions and facts of this build and machine.
enum Version {
  static let assay = "0.1.0"

  /// What a report states of the build and the machine.
  static var facts: [String: String] {
    [
      "assay": assay, "swift": swift, "openblas": OpenBLASBackend().libraryDescription,
      "hdf5": hdf5LibraryVersion, "cores": "\(ProcessInfo.processInfo.activeProcessorCount)",
      "simd": simd,
    ]
  }

  private static var swift: String {
    #if compiler(>=6.3)
      "6.3 or later"
    #else
      "6.2"
    #endif
  }

  /// The widest vector instructions that the processor reports.
  private static var simd: String {
    #if arch(arm64)
      return "neon"
    #else
      let flags = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      return ["avx512f", "avx2", "avx", "sse2"].first { flags.contains(" \($0) ") } ?? "unknown"
    #endif
  }
}

/// Prints versions, programs or a plan.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Prints versions and devices, programs, or a backend's plan.")

  @Option(help: "Print what the OpenBLAS backend runs where for this program.")
  var plan: String?

  @Flag(help: "List the programs of the catalogue.")
  var programs = false

  func run() throws {
    if let plan { return try printPlan(plan) }
    if programs { return printPrograms() }
    printFacts(Version.facts)
  }

  private func printPlan(_ name: String) throws {
    guard let sample = Catalogue.samples(matching: name, .f32).first else {
      throw UsageError.unknownProgram(name)
    }
    let jaxpr = try makeJaxpr(sample.program.function)(sample.operands.map(\.aval)).inlined
    print(try OpenBLASBackend().plan(jaxpr))
  }

  private func printPrograms() {
    var seen: Set<String> = []
    for sample in Catalogue.samples(.f32) where seen.insert(sample.program.name).inserted {
      print("\(sample.program.name)  (\(sample.family))")
    }
  }
}

/// One `name  value` line per fact.
func printFacts(_ facts: [String: String]) {
  let width = facts.keys.map(\.count).max() ?? 0
  for (name, value) in facts.sorted(by: { $0.key < $1.key }) {
    print(name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + value)
  }
}
