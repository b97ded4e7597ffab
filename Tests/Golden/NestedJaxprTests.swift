// Golden: programs within programs have JAX's operations, at every depth.
//
// Compared as multisets of names over all programs of a text, a program that is printed once and
// used twice counted twice, and of the numbers that say how operands are divided. As in JaxprTests,
// operations that only move elements are left out, and a sum of tangents is add or add_any. A mapped
// branch clamps and converts its index once more than JAX. Derivatives backwards are compared by what runs
// programs alone: which numbers a step leaves for the way back is a choice.

import Catalogue
import Core
import Foundation
import TestSupport
import Testing

private func function(
  _ name: String, _ parameters: String = "{}"
) -> @Sendable ([Tensor]) throws -> [Tensor] {
  { try Catalogue.program(named: name, parameters: parameters).function($0) }
}

/// A transformation of a function of control.h5: the derivative alone.
private func nest(
  _ name: String, _ transformation: String, axes: String = "[]", dropping count: Int = 0
) -> @Sendable ([Tensor]) throws -> [Tensor] {
  let parameters =
    #"{"function":"\#(name)","in_axes":\#(axes),"nest":["\#(transformation)"],"reverse":false}"#
  return { Array(try function("control", parameters)($0).dropFirst(count)) }
}

private let recurrent = [[3, 3], [3], [5, 3]]
private let directed = #"{"reverse":false}"#

/// The texts whose equations are nested.
let nestedPrograms: [JaxprArgument] = [
  JaxprArgument("control_scan", recurrent, function("scan_rnn", directed)),
  JaxprArgument("control_scan_jvp", recurrent + recurrent) { x in
    let reversed = function("scan_rnn", #"{"reverse":true}"#)
    return try withTangents(reversed, Array(x[3...]))(Array(x[..<3]))
  },
  JaxprArgument(
    "control_scan_vmap", [[3, 3], [2, 3], [5, 3]], nest("scan_rnn", "vmap", axes: "[null,0,null]")),
  JaxprArgument(
    "control_scan_vjp", recurrent + [[3], [5, 3], [5]], nest("scan_rnn", "vjp", dropping: 3)),
  JaxprArgument("control_cond", [[], [3]], function("cond_sign")),
  JaxprArgument("control_cond_vmap", [[2], [2, 3]], nest("cond_sign", "vmap", axes: "[0,0]")),
  JaxprArgument("control_cond_vjp", [[], [3], [3]], nest("cond_sign", "vjp", dropping: 1)),
  JaxprArgument("control_while", [[3]], function("while_double")),
  JaxprArgument("control_while_jvp", [[3], [3]], nest("while_double", "jvp")),
  JaxprArgument("control_jit", [[3], [3]], function("jit_nested")),
  JaxprArgument("control_jit_vjp", [[3], [3], [3]], nest("jit_nested", "vjp", dropping: 1)),
  JaxprArgument("control_checkpoint", [[3], [3]], function("checkpoint_chain")),
  JaxprArgument("control_custom_jvp", [[3]], function("custom_jvp_double")),
  JaxprArgument("control_custom_vjp", [[3], [3]], function("custom_vjp_scaled")),
  JaxprArgument(
    "control_custom_vjp_vjp", [[3], [3], [3]], nest("custom_vjp_scaled", "vjp", dropping: 1)),
]

/// The operations that run programs.
private let higher: Set = [
  "cond", "custom_jvp_call", "custom_vjp_call", "jit", "remat2", "scan", "while",
]

/// Names and numbers in `text`, with how often they occur.
private func census(_ text: String, higherOnly: Bool) throws -> [String: Int] {
  let moved: Set = ["broadcast_in_dim", "reshape", "squeeze", "transpose"]
  // `let name = { … } in` in front, the program itself last.
  let blocks = text.components(separatedBy: " } in\n").map { block in
    (name: block.firstMatch(of: #/^let (\w+) = /#).map { String($0.1) }, text: block)
  }
  let shared = Dictionary(
    blocks.compactMap { block in block.name.map { ($0, block.text) } }, uniquingKeysWith: { $1 })
  func count(_ text: String, _ total: inout [String: Int]) {
    for match in text.matches(of: #/[\])\w] = (\w+)/#) where !text.hasPrefix("let \(match.1) ") {
      let name = match.1 == "add_any" ? "add" : String(match.1)
      if !moved.contains(name), !higherOnly || higher.contains(name) {
        total[name, default: 0] += 1
      }
    }
    for match in text.matches(of: /(length|num_carry|num_consts|reverse|\w+_nconsts)=(\w+)/) {
      total[String(match.0), default: 0] += 1
    }
    for match in text.matches(of: /jaxpr=(\w+)/) {
      if let program = shared[String(match.1)] { count(program, &total) }
    }
  }
  var total: [String: Int] = [:]
  count(try #require(blocks.last?.text), &total)
  return total
}

@Suite struct NestedJaxprTests {
  @Test(arguments: nestedPrograms)
  func `programs within programs are JAX's`(program: JaxprArgument) throws {
    let path = fixturePath("jaxprs/\(program.name).txt")
    let theirs = try String(contentsOfFile: path, encoding: .utf8)
    let jaxpr = try makeJaxpr(program.function)(program.shapes.map { ShapedArray(.f32, $0) })
    try jaxpr.check()
    let ours = "\(jaxpr)"
    let higherOnly = program.name.hasSuffix("_vjp") && program.name != "control_custom_vjp"
    let expected = try census(theirs, higherOnly: higherOnly)
    var found = try census(ours, higherOnly: higherOnly)
    if program.name == "control_cond_vmap" {
      #expect(found.removeValue(forKey: "clamp") == 1)
      found["convert_element_type", default: 0] -= 1
    }
    #expect(!expected.isEmpty || program.name == "control_custom_vjp_vjp")
    for key in Set(expected.keys).union(found.keys).sorted() {
      #expect(found[key, default: 0] == expected[key, default: 0], "\(key)\n\(ours)\n\(theirs)")
    }
  }

  @Test func `the census looks into every program, as often as it is used`() throws {
    let text = """
      let f = { lambda ; a:f32[3]. let
          b:f32[3] = sin a
        in (b,) } in
      { lambda ; c:f32[3]. let
          d:f32[3] = jit[name=f jaxpr=f] c
          e:f32[3] = jit[name=f jaxpr=f] d
          g:f32[3] h:f32[3] = scan[
            jaxpr={ lambda ; i:f32[3]. let j:f32[3] = cos i in (j, j) }
            num_carry=1
          ] e
        in (g,) }
      """
    let expected = ["sin": 2, "jit": 2, "scan": 1, "cos": 1, "num_carry=1": 1]
    #expect(try census(text, higherOnly: false) == expected)
  }
}
