// Transformations put together: chains, masks, labels (rules OX-04, OX-07).

import Core
import Optim
import TestSupport
import Testing
import Tree

@Suite struct ChainTests {
  @Test("OX-07 a chain is its parts one after another, bit for bit") func inOrder() throws {
    let (a, b) = (clipByGlobalNorm(1), adam(0.1))
    let model = sampleModel()
    let whole = chain(a, b)
    var (state, first, second) = try (
      whole.initialise(model), a.initialise(model), b.initialise(model)
    )
    let gradients = sampleGradients(3)
    for k in 0..<3 {
      let g = try model.gradient([gradients[2 * k], gradients[2 * k + 1]])
      let together = try whole.update(g, &state, model)
      let apart = try b.update(a.update(g, &first, model), &second, model)
      try expectSameBits(
        together.values.compactMap { $0 }, apart.values.compactMap { $0 }, "step \(k)")
    }
  }

  @Test("OX-07 the order of a chain matters: clipping the step is not clipping the gradient")
  func orderMatters() throws {
    let ab = try program(chain(scale(3), clip(1)))(sampleInputs(1))
    let ba = try program(chain(clip(1), scale(3)))(sampleInputs(1))
    #expect(try zip(ab, ba).contains { try $0.scalars != $1.scalars })
  }

  @Test("OX-07 a named chain is the chain, its state under the names") func named() throws {
    let parts = (clip(0.5), adam(0.1))
    let chained = try program(chain(parts.0, parts.1))(sampleInputs(3))
    let named = namedChain(("first", parts.0), ("second", parts.1))
    try expectSameBits(program(named)(sampleInputs(3)), chained, "named")
    let paths = try named.initialise(sampleModel()).leafPaths.map(\.description)
    #expect(paths.first == "['second'][0].count")
    let twice = namedChain(("a", parts.0), ("a", parts.1))
    #expect(message { try twice.initialise(sampleModel()) }.contains("unique names"))
  }

  @Test("a masked transformation works as alone where the mask holds; the rest passes bit for bit")
  func masks() throws {
    let model = sampleModel()
    let g = try model.gradient(sampleGradients(1))
    let masks: [Mask] = [
      Mask { path, _ in path.description == ".weight" }, Mask { _, x in x.rank == 2 },
      Mask(LeafMap(like: model) { $0.tensor?.rank == 2 }),
    ]
    for mask in masks {
      let some = masked(adam(0.1), mask: mask)
      var state = try some.initialise(model)
      let u = try some.update(g, &state, model)
      var alone = try adam(0.1).initialise(model)
      let full = try adam(0.1).update(g, &alone, model)
      let (own, others) = (u.weight.value ?? nil, u.bias.value ?? nil)
      try expectSameBits(
        [own, others].compactMap { $0 },
        [full.weight.value ?? nil, g.bias.value ?? nil].compactMap { $0 }, "masked")
      #expect(
        state.leafPaths.map(\.description)
          == [
            "[0].count", "[0].mu.weight", "[0].nu.weight",
          ].map { ".inner_state\($0)" })
    }
  }

  @Test("a prefix mask stands for all leaves below, and must fit the tree") func prefixes() throws {
    let model = ["a": sampleModel(), "b": sampleModel()]
    let g = LeafMap<[String: Small], Tensor?>(like: model) { isInexactArray($0) ? $0.tensor : nil }
    let frozen = freeze(Mask(prefix: ["a": true, "b": false]))
    var state = try frozen.initialise(model)
    let u = try frozen.update(g, &state).values.compactMap { $0 }
    #expect(try u.prefix(2).allSatisfy { try $0.scalars.allSatisfy { $0 == 0 } })
    try expectSameBits(Array(u.suffix(2)), Array(g.values.compactMap { $0 }.suffix(2)), "passes")
    let wrong = freeze(Mask(prefix: ["a": true]))
    #expect(message { try wrong.initialise(model) }.contains("different keys"))
    let text = freeze(Mask(prefix: ["a": "x", "b": "y"]))
    #expect(message { try text.initialise(model) }.contains("must be a bool"))
  }

  @Test("each leaf is moved by the transformation of its label, and by no other")
  func labels() throws {
    let model = sampleModel()
    let g = try model.gradient(sampleGradients(1))
    let labels = Labels { _, x in x.rank == 2 ? "matrix" : "vector" }
    let parts = partition(["matrix": lion(0.1), "vector": sgd(0.5)], labels)
    var state = try parts.initialise(model)
    let u = try parts.update(g, &state, model)
    try expectSameBits(
      u.values.compactMap { $0 },
      [
        program(lion(0.1))(sampleInputs(1))[0], program(sgd(0.5))(sampleInputs(1))[1],
      ], "labels")
    let partial = partition(["matrix": sgd(0.5)], labels)
    #expect(
      message { try partial.initialise(model) }.contains(#"the labels are ["matrix", "vector"]"#))
  }

  @Test("OX-04 a decay acts through the learning rate, where its mask holds, and needs the model")
  func decay() throws {
    let inputs = sampleInputs(1)
    let plain = try program(adam(0.1))(inputs)
    let decayed = try program(adamw(0.1, weightDecay: 0.5, mask: Mask { _, x in x.rank == 2 }))(
      inputs)
    try expectSameBits([decayed[1]], [plain[1]], "masked out")
    // Exactly in reals: the difference is −lr λ p.
    try expectSame(
      { xs in
        let (a, b) = try (
          program(adamw(0.125, weightDecay: 0.5))(xs), program(adam(0.125))(xs)
        )
        return try zip(a, b).map { try $0 - $1 }
      }, { xs in try xs.prefix(2).map { try -0.0625 * $0 } }, at: inputs, "−lr λ p")
    let error = message { try program(adamw(0.1), passesParameters: false)(inputs) }
    #expect(error.contains("pass the model as the last argument"))
  }
}
