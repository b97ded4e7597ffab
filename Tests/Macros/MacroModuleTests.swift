// A module by macro is the module by hand: same leaves, paths, constants, and round trips.

#if Macros
  import Core
  import Testing
  import Tree

  /// The module by hand, under the name that the macro's has inside its own namespace.
  private enum ByHand {
    struct Linear: Module {
      var weight: Tensor
      var bias: Tensor?
      let inFeatures: Int

      mutating func visitFields(_ visitor: FieldVisitor) {
        visitor.field("weight", &weight)
        visitor.field("bias", &bias)
        visitor.constant("inFeatures", inFeatures)
      }
    }
  }

  private enum ByMacro {
    @Module
    struct Linear {
      var weight: Tensor
      var bias: Tensor?
      @Static let inFeatures: Int
    }
  }

  /// A module whose parts are private, generic, and conform already.
  @Module
  private struct Pair<First: PyTree, Second: PyTree>: Module {
    private var first: First
    fileprivate var second: [Second]
    var activation = Activation.relu

    init(_ first: First, _ second: [Second]) {
      self.first = first
      self.second = second
    }
  }

  @Suite struct MacroModuleTests {
    private let hand = ByHand.Linear(weight: Tensor([[1, 2]]), bias: nil, inFeatures: 2)
    private let macro = ByMacro.Linear(weight: Tensor([[1, 2]]), bias: nil, inFeatures: 2)

    @Test func `leaves and paths are those of the module by hand`() {
      #expect(macro.leafPaths == hand.leafPaths)
      #expect(macro.leaves.map { "\($0)" } == hand.leaves.map { "\($0)" })
      #expect(macro.leafPaths.map(\.description) == [".weight"])
    }

    @Test func `constants are structure`() {
      #expect(macro.treeDef == ByMacro.Linear(weight: Tensor(0), bias: nil, inFeatures: 2).treeDef)
      #expect(macro.treeDef != ByMacro.Linear(weight: Tensor(0), bias: nil, inFeatures: 3).treeDef)
      #expect(
        macro.treeDef != ByMacro.Linear(weight: Tensor(0), bias: Tensor(0), inFeatures: 2).treeDef)
    }

    @Test func `leaves go back to where they came from`() throws {
      let copy = try macro.unflatten([.tensor(Tensor([[5, 6]]))])
      #expect(try copy.weight.scalars == [5, 6])
      #expect(copy.treeDef == macro.treeDef)
    }

    @Test func `private, generic and conforming modules are modules`() throws {
      let pair = Pair(macro, [Tensor(1), Tensor(2)])
      #expect(
        pair.leafPaths.map(\.description) == [
          ".first.weight", ".second[0]", ".second[1]", ".activation",
        ])
    }
  }
#endif
