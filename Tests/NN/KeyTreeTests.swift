// Keys are leaves of models: arrays, but not inexact ones.

import NN
import Random
import Testing
import Tree

@Suite struct KeyTreeTests {
  @Test func aKeyHasOneLeafThatNoGradientReaches() throws {
    let leaves = Key(7).leaves
    #expect(leaves.count == 1)
    #expect(leaves.allSatisfy { isArray($0) && !isInexactArray($0) })
  }
}
