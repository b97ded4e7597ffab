// Shapes stated about the fields of modules.

import Annotations
import Core
import Testing
import Tree

private struct Dense: ShapedModule {
  var weight: Tensor
  var bias: Tensor?
  let outputs: Int

  var shapes: KeyValuePairs<String, ShapeAnnotation> {
    ["weight": .float("\(outputs) in"), "bias": .float("\(outputs)")]
  }

  init(_ shape: Int..., bias: Int? = nil, outputs: Int) {
    weight = array(shape)
    self.bias = bias.map { array([$0]) }
    self.outputs = outputs
  }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("weight", &weight)
    visitor.field("bias", &bias)
    visitor.constant("outputs", outputs)
  }
}

private struct Net: ShapedModule {
  var layers: [Dense]
  var scale: [Tensor]
  var activation = Activation.relu
  var field = "scale"
  var words = "?n"

  var shapes: KeyValuePairs<String, ShapeAnnotation> { [field: .inexact(words)] }

  mutating func visitFields(_ visitor: FieldVisitor) {
    visitor.field("layers", &layers)
    visitor.field("scale", &scale)
    visitor.field("activation", &activation)
    visitor.constant("field", field)
    visitor.constant("words", words)
  }
}

private func array(_ shape: [Int], _ dtype: DType = .f32) -> Tensor {
  Tensor(
    shape: shape, Storage(rounding: Array(repeating: 0, count: shape.reduce(1, *)), to: dtype))
}

/// The text of the error that the check of `tree` ends with.
private func failure(_ tree: some PyTree) -> String? {
  do {
    try tree.checkShapes()
    return nil
  } catch {
    return "\(error)"
  }
}

@Suite(.shapeChecks) struct ShapedModuleTests {
  private func net(_ second: Dense) -> Net {
    Net(layers: [Dense(3, 2, bias: 3, outputs: 3), second], scale: [array([2]), array([5])])
  }

  @Test func `a module that fits passes, and each module has its own names`() {
    #expect(failure(net(Dense(4, 7, bias: 4, outputs: 4))) == nil)
    #expect(failure(net(Dense(4, 7, outputs: 4))) == nil)
  }

  @Test func `a field inside another module is named by its path`() {
    #expect(
      failure(net(Dense(4, 7, bias: 3, outputs: 4)))
        == "Net: .layers[1].bias is f32[3], not Float \"4\": axis 0 has extent 3, not 4; "
        + "bindings: in=7 (.layers[1].weight)")
    #expect(
      failure(["k": Dense(4, 7, 1, outputs: 4)])
        == "Dictionary<String, Dense>: ['k'].weight is f32[4,7,1], not Float \"4 in\": it has 3 axes, "
        + "the annotation has 2; bindings: none")
  }

  @Test func `the outer module's fields are checked as well`() {
    var wrong = net(Dense(4, 7, outputs: 4))
    wrong.scale[1] = array([5], .i32)
    #expect(
      failure(wrong)
        == "Net: .scale[1] is i32[5], not Inexact \"?n\": its dtype is i32; "
        + "bindings: n[scale[0]]=2 (.scale[0])")
  }

  @Test func `a statement about no field is an error`() {
    var wrong = net(Dense(4, 7, outputs: 4))
    wrong.field = "scales"
    #expect(failure(wrong) == "annotation \"?n\": Net has no field scales")
    wrong.field = "words"
    #expect(failure(wrong) == "annotation \"?n\": the field words of Net is no array")
    wrong.field = "activation"
    wrong.words = "_"
    #expect(
      failure(wrong)
        == "Net: .activation is a function, not Inexact \"_\": it is no array; bindings: none")
  }

  @Test func `off, nothing is checked`() throws {
    let wrong = net(Dense(4, 7, bias: 3, outputs: 4))
    try withShapeChecks(false) { try wrong.checkShapes() }
  }
}
