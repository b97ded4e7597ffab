// A part of a model by itself: where it is, how large, and its gradient.

import Core
import NN
import Random
import Testing
import Tree

private let perceptron = try? MLP(2, 1, widthSize: 3, depth: 1, key: Key(1))

private func loss(_ net: MLP) throws -> Tensor { try sum(square(net(Tensor([1, -2], .f32)))) }

@Suite struct FilterPartTests {
  @Test func `a model has as many parameters as its tensors have numbers, and so has a part`()
    throws
  {
    let net = try #require(perceptron)
    #expect(net.parameterCount == 2 * 3 + 3 + 3 + 1)
    let last = LeafMap(like: net, only: \.layers[1])
    #expect(try partition(net, by: last).0.parameterCount == 3 + 1)
    #expect(try partition(net, by: last).1.parameterCount == 2 * 3 + 3)
    #expect(Activation.relu.parameterCount == 0)
  }

  @Test func `a filter spec is true at one subtree, and can be read off a part`() throws {
    let net = try #require(perceptron)
    let spec = LeafMap(like: net, only: \.layers[1].weight)
    let paths = zip(spec.paths, spec.values).filter(\.1).map(\.0.description)
    #expect(paths == [".layers[1].weight"])
    #expect(try partition(net, by: spec).0.hasValue() == spec.values)
  }

  @Test func `FG-01 the gradient of a part is that of the whole where the part is, and else nil`()
    throws
  {
    let net = try #require(perceptron)
    let spec = LeafMap(like: net, only: \.layers[0])
    let (part, rest) = try partition(net, by: spec)
    let gradient = try filterGrad { part in try loss(combine(part, rest)) }(part)
    let whole = try filterGrad { net in try loss(net) }(net)
    #expect(gradient.hasValue() == zip(spec.values, whole.hasValue()).map { $0 && $1 })
    for (own, all) in zip(gradient.values, whole.values) {
      if let own { #expect(try own.scalars == #require(all).scalars) }
    }
    #expect(gradient.structure == net.treeDef)
  }

  @Test func `FG-01 leaves of a part that are no numbers have no gradient`() throws {
    let net = try #require(perceptron)
    let (part, rest) = partition(net) { _ in true }
    let gradient = try filterGrad { part in try loss(combine(part, rest)) }(part)
    #expect(gradient.hasValue() == net.leaves.map(isInexactArray))
  }
}
