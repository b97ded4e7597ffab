// The processor as the system describes it at run time: its name and its widest vector instructions.
//
// Linux lists in /proc/cpuinfo what the processor has and the kernel has enabled; macOS answers
// sysctl. The text is an argument, so that processors can be tested that are not here.

internal import Foundation

/// A processor's name and vector instructions.
package struct Processor: Equatable, Sendable {
  /// The widest vector instructions of a processor.
  package enum SIMD: String, Sendable {
    case avx512 = "AVX-512"
    case avx2 = "AVX2"
    case avx = "AVX"
    case sse2 = "SSE2"
    case sve = "SVE"
    case neon = "NEON"
    case unknown
  }

  /// As its maker calls it.
  package let name: String
  /// Its widest vector instructions.
  package let simd: SIMD

  /// The processor that a Linux `cpuinfo` describes.
  package init(cpuinfo: String) {
    var fields: [Substring: String] = [:]
    for line in cpuinfo.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let key = parts[0].trimmingCharacters(in: .whitespaces)
      // The first core speaks for all.
      if fields[key[...]] == nil {
        fields[key[...]] = parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    // x86 says "model name" and "flags", Arm "Features" and often no name.
    name = fields["model name"] ?? Self.architecture
    let flags = Set((fields["flags"] ?? fields["Features"] ?? "").split(separator: " "))
    let levels: [(Substring, SIMD)] = [
      ("avx512f", .avx512), ("avx2", .avx2), ("avx", .avx), ("sse2", .sse2), ("sve", .sve),
      ("asimd", .neon),
    ]
    simd = levels.first { flags.contains($0.0) }?.1 ?? .unknown
  }

  /// The architecture that this was compiled for.
  package static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown architecture"
    #endif
  }
}

#if canImport(Darwin)
  import Darwin

  extension Processor {
    /// The processor here.
    package static let current = Processor()

    private init() {
      name = Self.text("machdep.cpu.brand_string") ?? Self.architecture
      #if arch(arm64)
        simd = .neon
      #else
        let levels: [(String, SIMD)] = [("avx512f", .avx512), ("avx2_0", .avx2), ("avx1_0", .avx)]
        simd = levels.first { Self.flag("hw.optional.\($0.0)") }?.1 ?? .sse2
      #endif
    }

    private static func text(_ key: String) -> String? {
      var size = 0
      guard sysctlbyname(key, nil, &size, nil, 0) == 0, size > 1 else { return nil }
      var bytes = [UInt8](repeating: 0, count: size)
      guard sysctlbyname(key, &bytes, &size, nil, 0) == 0 else { return nil }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func flag(_ key: String) -> Bool {
      var value: Int32 = 0
      var size = MemoryLayout<Int32>.size
      return sysctlbyname(key, &value, &size, nil, 0) == 0 && value != 0
    }
  }
#else
  extension Processor {
    /// The processor here.
    package static let current = Processor(
      cpuinfo: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")
  }
#endif
