// `assay tutorial`: the article's whole workflow, from a tree to a trained, saved and restored network.

import ArgumentParser
import Core
import Foundation
import Oracle
import Tutorial

/// Runs the tutorial; its source is Examples/Tutorial/Tutorial.swift.
struct TutorialCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tutorial",
    abstract: "Runs the tutorial: models as trees, training, saving, and what a step is made of.")

  @Option(help: "The folder for the model, the pictures and the run; made if it is not there.")
  var out = "tutorial-run"

  @Option(help: "How many epochs to train.")
  var epochs = 60

  @Option(help: "The seed of data, model and orders.")
  var seed = 0

  @Option(help: "What computes.")
  var backend = BackendName.openblas

  func validate() throws {
    guard epochs > 0 else { throw ValidationError("--epochs must be at least 1, got \(epochs)") }
    guard UInt32(exactly: seed) != nil else {
      throw ValidationError("--seed must be in 0..<2^32, got \(seed)")
    }
  }

  func run() throws {
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    try withBackend(backend.audited.backend) {
      try runTutorial(folder: out, epochs: epochs, seed: seed)
    }
  }
}
