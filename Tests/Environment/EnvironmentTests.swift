// The environment: each fact is there, agrees with a second source, and `assay info` prints it.

import Environment
import Foundation
import TestSupport
import Testing

@Suite struct EnvironmentTests {
  private let facts = Dictionary(
    uniqueKeysWithValues: environmentInfo().map { ($0.name, $0.value) })

  @Test func `every fact is known`() {
    #expect(
      environmentInfo().map(\.name) == [
        "assay", "swift", "openblas", "hdf5", "system", "devices", "cores", "simd", "memory",
      ])
    #expect(environmentInfo().allSatisfy { !$0.value.isEmpty && $0.value != "unknown" })
  }

  @Test func `versions are numbers`() throws {
    let version = try Regex(#"\d+\.\d+(\.\d+)?"#)
    for name in ["assay", "swift", "openblas", "hdf5"] {
      #expect(facts[name]?.contains(version) == true, "\(name): \(facts[name] ?? "")")
    }
  }

  @Test func `OpenBLAS tells its kernel and its threads`() throws {
    let text = try #require(facts["openblas"])
    #expect(text.contains(try Regex(#", core \w+, threads \d+$"#)), "\(text)")
  }

  @Test func `devices are listed as JAX lists them`() {
    #expect("\(devices())" == "[CpuDevice(id=0)]")
    #expect(facts["devices"] == "[CpuDevice(id=0)], \(devices()[0].kind)")
  }

  @Test func `cores and memory are those that the C library counts`() throws {
    #expect(facts["cores"] == "\(sysconf(Int32(_SC_NPROCESSORS_ONLN)))")
    let bytes = Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
    #expect(facts["memory"] == String(format: "%.1f GiB", bytes / 0x1p30))
  }

  @Test(arguments: [
    ("model name\t: A\nflags\t\t: fpu sse2 avx avx2 avx512f\n", "A", Processor.SIMD.avx512),
    ("model name\t: A\nflags\t\t: fpu sse2 avx avx2\nmodel name : B\n", "A", .avx2),
    ("model name\t: A: B\nflags\t\t: sse2 avx\n", "A: B", .avx),
    ("flags\t\t: fpu sse2 notavx2\n", Processor.architecture, .sse2),
    ("Features\t: fp asimd evtstrm\n", Processor.architecture, .neon),
    ("Features\t: fp asimd sve\n", Processor.architecture, .sve),
    ("", Processor.architecture, .unknown),
  ])
  func `a processor is what its system says of it`(
    cpuinfo: String, name: String, simd: Processor.SIMD
  ) {
    let processor = Processor(cpuinfo: cpuinfo)
    #expect(processor.name == name)
    #expect(processor.simd == simd)
  }

  @Test func `assay info prints the environment`() throws {
    let run = try Command.run(["info"])
    #expect(run.status == 0)
    #expect(run.output.joined(separator: "\n") == environmentText())
  }
}
