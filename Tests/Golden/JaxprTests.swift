// Golden: the programs that we trace have JAX's equations.
//
// Compared as multisets of (primitive, type of the result), never as text (JX-05), after these
// normalisations, applied to both sides:
//   live     equations that no result needs are removed: JAX prints them, and so do we, but not
//            always the same ones.
//   moved    broadcast_in_dim, reshape, squeeze and transpose are left out, and so are the order of
//            axes and extents of 1: here a scalar operand meets every element, JAX first broadcasts
//            it; vmap leaves its axis where it falls in JAX, here in front; `keep` of a reduced
//            axis may stand before or after an elementwise operation.
//   idle     sums over no axis or over extents of 1 move nothing together: JAX transposes a
//            broadcast to one, and a psum to psum[axes=()].
//   named    psum and pmax over the mapped axis are reduce_sum and reduce_max once vmap is done.
// Everything else must agree, with one named difference: in grad_batchnorm JAX computes y⁻² and a
// negation on the unmapped `[3]`, where we have broadcast to `[5,3]` already; there primitives are
// compared without their types.

import Catalogue
import Core
import Foundation
import TestSupport
import Testing

/// A text of fixtures/jaxprs and our program for it.
struct JaxprArgument: Sendable, CustomTestStringConvertible {
  let name: String
  let shapes: [[Int]]
  let function: @Sendable ([Tensor]) throws -> [Tensor]

  var testDescription: String { name }

  init(
    _ name: String, _ shapes: [[Int]],
    _ function: @escaping @Sendable ([Tensor]) throws -> [Tensor]
  ) {
    (self.name, self.shapes, self.function) = (name, shapes, function)
  }
}

private func run(
  _ name: String, _ parameters: String = "{}"
) -> @Sendable ([Tensor]) throws -> [Tensor] {
  { try Catalogue.program(named: name, parameters: parameters).function($0) }
}

/// A transformation of the function `name` of transforms.h5.
private func of(
  _ transformation: String, _ name: String
) -> @Sendable ([Tensor]) throws -> [Tensor] {
  run(transformation, #"{"function":"\#(name)"}"#)
}

/// F itself: the value of value_and_grad; what only the gradient needs is dead.
private func value(_ name: String) -> @Sendable ([Tensor]) throws -> [Tensor] {
  { [try of("value_and_grad", name)($0)[0]] }
}

private func gradient(_ name: String) -> @Sendable ([Tensor]) throws -> [Tensor] {
  { [try of("value_and_grad", name)($0)[1]] }
}

/// The gradient of a scalar program in its first `count` operands.
private func gradient(
  _ function: @escaping @Sendable ([Tensor]) throws -> [Tensor], first count: Int
) -> @Sendable ([Tensor]) throws -> [Tensor] {
  { all in
    try grad { try function($0 + all[count...])[0] }(Array(all[..<count]))
  }
}

private let norm = [[5, 3], [3], [3], [5, 3], [5, 3]]
private let regression = [[3], [], [5, 3], [5]]
private let perceptron = [[5, 3], [5], [4, 5], [4], [2, 4], [2], [6, 3], [6, 2]]
private let mlp = run("mlp", #"{"activations":["tanh","gelu"]}"#)
private let batchnorm = run("batchnorm", #"{"eps":1e-05}"#)

private let programs: [JaxprArgument] = [
  JaxprArgument("mlp", perceptron, mlp),
  JaxprArgument("grad_mlp", perceptron, gradient(mlp, first: 6)),
  JaxprArgument("batchnorm", norm, batchnorm),
  JaxprArgument("grad_batchnorm", norm, gradient(batchnorm, first: 3)),
  JaxprArgument("layer_norm", [[2, 5], [5], [5]], run("layer_norm", #"{"eps":1e-05}"#)),
  JaxprArgument("softmax_xent", [[3, 5], [3, 5]], run("softmax_xent")),
  JaxprArgument(
    "grad_softmax_xent", [[3, 5], [3, 5]], gradient(run("softmax_xent"), first: 1)),
  JaxprArgument("matmul_chain", [[2, 3], [3, 5], [5, 4]], run("matmul_chain")),
  JaxprArgument("linear_regression", regression, run("linear_regression")),
  JaxprArgument(
    "grad_linear_regression", regression, gradient(run("linear_regression"), first: 2)),
  JaxprArgument("rnn", [[3, 3], [3, 2], [4, 2]], run("rnn", #"{"steps":4}"#)),
  JaxprArgument("gelu", [[3]], run("gelu")),
  JaxprArgument("unused", [[3]]) { x in
    _ = try exp(x[0])
    return [try -x[0]]
  },
  JaxprArgument("chain", [[3]], value("chain")),
  JaxprArgument("grad_chain", [[3]], gradient("chain")),
  JaxprArgument("grad_ratio", [[3]], gradient("ratio")),
  JaxprArgument("grad_cubic", [[3]], gradient("cubic")),
  JaxprArgument("grad_quadratic", [[3]], gradient("quadratic")),
  JaxprArgument("grad_dense", [[3], [4, 3]], gradient("dense")),
  JaxprArgument("jvp_chain", [[3], [3]]) { x in
    let (values, tangents) = try jvp(value("chain"), [x[0]], [x[1]])
    return values + tangents
  },
  JaxprArgument("jvp_grad_chain", [[3], [3]], of("jvp_grad", "chain")),
  JaxprArgument("vmap_chain", [[5, 3]]) { try vmap(value("chain"))($0) },
  JaxprArgument("vmap_grad_chain", [[5, 3]], of("vmap_grad", "chain")),
  JaxprArgument("vmap_dense", [[5, 3], [4, 3]]) {
    try vmap(value("dense"), inAxes: [0, nil])($0)
  },
  JaxprArgument(
    "vmap_blend_0_1", [[2, 3], [3, 2]],
    run("vmap_axes", #"{"function":"blend","in_axes":[0,1],"out_axes":1}"#)),
  JaxprArgument(
    "vmap_inner_0_1", [[2, 3], [3, 2]],
    run("vmap_axes", #"{"function":"inner","in_axes":[0,1],"out_axes":0}"#)),
  JaxprArgument("vmap_center", [[5, 3]], of("vmap_axis", "center")),
  JaxprArgument("vmap_axis_softmax", [[5, 3]], of("vmap_axis", "axis_softmax")),
  JaxprArgument("vmap_grad_psum_square", [[5]], of("grad_inside_vmap", "psum_square")),
]

/// Programs whose equations agree but for the extents they run on.
private let differentExtents: Set = ["grad_batchnorm"]

/// The extents that are not 1, in ascending order.
private func extents(_ type: String) -> [Int] {
  type.drop { $0 != "[" }.dropFirst().dropLast().split(separator: ",").compactMap { Int($0) }
    .filter { $0 != 1 }.sorted()
}

/// `primitive type` of each equation that counts, with how often it occurs.
private func census(_ text: String, withTypes: Bool = true) throws -> [String: Int] {
  let jaxpr = try #require(JaxprText(text), "not a jaxpr: \(text)")
  let moved: Set = ["broadcast_in_dim", "reshape", "squeeze", "transpose"]
  let named = ["psum": "reduce_sum", "pmax": "reduce_max"]
  let types = Dictionary(
    jaxpr.equations.map { ($0.binder, $0.type) }, uniquingKeysWith: { $1 })
  let counted = jaxpr.live.compactMap { equation -> String? in
    let name = named[equation.primitive] ?? equation.primitive
    let operand = equation.reads.first.flatMap { types[$0] }
    let isIdle = name == "reduce_sum" && operand.map(extents) == extents(equation.type)
    if moved.contains(name) || isIdle { return nil }
    return withTypes
      ? "\(name) \(equation.type.prefix { $0 != "[" })\(extents(equation.type))" : name
  }
  return Dictionary(counted.map { ($0, 1) }, uniquingKeysWith: +)
}

@Suite struct JaxprTests {
  @Test(arguments: programs)
  func `JX-05 a traced program has the equations of JAX`(program: JaxprArgument) throws {
    let path = fixturePath("jaxprs/\(program.name).txt")
    let theirs = try String(contentsOfFile: path, encoding: .utf8)
    let ours = try makeJaxpr(program.function)(program.shapes.map { ShapedArray(.f32, $0) })
    let withTypes = !differentExtents.contains(program.name)
    let expected = try census(theirs, withTypes: withTypes)
    let found = try census("\(ours)", withTypes: withTypes)
    #expect(expected.isEmpty == false)
    for key in Set(expected.keys).union(found.keys).sorted() {
      #expect(found[key, default: 0] == expected[key, default: 0], "\(key)\n\(ours)\n\(theirs)")
    }
  }

  @Test func `every text is compared`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: fixturePath("jaxprs"))
    #expect(Set(files) == Set((programs + nestedPrograms).map { $0.name + ".txt" }))
  }

  @Test func `the census sees one equation more, and one of another shape`() throws {
    let text = "{ lambda ; a:f32[3]. let\n    b:f32[3] = sin a\n    c:f32[3] = mul b b\n  in (c,) }"
    let more = text.replacing("mul b b", with: "mul b b\n    d:f32[3] = neg c")
      .replacing("(c,)", with: "(d,)")
    #expect(try census(text) == ["sin f32[3]": 1, "mul f32[3]": 1])
    #expect(try census(more) != census(text))
    #expect(try census(text.replacing("c:f32[3]", with: "c:f32[4]")) != census(text))
  }
}
