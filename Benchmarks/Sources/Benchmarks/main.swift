// Runs the suites and prints one JSON object per line.
//
// `Benchmarks [--suite NAME] [--threads N]`. A new suite is a file of its own and a line here.

import Assay

let suites: [(name: String, run: (Settings) throws -> Void)] = [
  ("double_double", benchmarkWideMatmul),
  ("dot_general", benchmarkDotGeneral),
  ("tracing", benchmarkTracing),
  ("formula_check", benchmarkFormulaCheck),
  ("pytree", benchmarkTrees),
  ("training", benchmarkTraining),
  ("serialisation", benchmarkSerialisation),
]

/// The value after `option`, if it is given.
func value(of option: String) -> String? {
  let arguments = CommandLine.arguments
  return arguments.firstIndex(of: option).flatMap {
    arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil
  }
}

let settings = Settings(threads: max(1, value(of: "--threads").flatMap(Int.init) ?? 1))
let wanted = value(of: "--suite")
for suite in suites where wanted == nil || wanted == suite.name { try suite.run(settings) }
