// What Equinox refuses, by name (fixtures/filters.h5): the same call here must throw.

import Core
import Testing
import Tree

private let x = Tensor([2, 3], .f64)
private let n = Tensor(3, .i32)

private func tangent<T: PyTree>(_ tree: T, _ tensors: Tensor?...) throws -> LeafMap<T, Tensor?> {
  try LeafMap(like: tree, values: tensors)
}

/// A rule whose gradient is `gradient`, whatever the cotangent.
private func ruled(
  _ gradient: @escaping @Sendable ([Tensor]) throws -> Gradient<[Tensor]>
) -> @Sendable ([Tensor]) throws -> Tensor {
  filterCustomVJP(
    { (pair: [Tensor]) in pair[0] }, forward: { _, pair in (out: pair[0], residuals: Tuple()) },
    backward: { _, _, _, pair in try gradient(pair) })
}

private func grad<T: PyTree>(_ f: @escaping (T) throws -> Tensor, _ at: T) throws {
  let g = filterGrad(f)
  _ = try g(at)
}

private let calls: [String: @Sendable () throws -> Void] = [
  "gradient_of_one_element": { try grad({ $0 }, Tensor([2], .f64)) },
  "gradient_of_a_vector": { try grad({ $0 }, x) },
  "gradient_of_a_whole_number": { try grad({ $0[1] }, [x, n]) },
  "jvp_other_structure": { _ = try filterJVP({ $0 }, [x], tangent([x, x], x, x)) },
  "jvp_whole_number": { _ = try filterJVP({ $0 }, n, tangent(n, Tensor(1, .f64))) },
  "jvp_other_dtype": { _ = try filterJVP({ $0 }, x, tangent(x, x.asType(.f32))) },
  "vjp_other_shape": { _ = try filterVJP({ $0 }, x).pullback(tangent(x, Tensor(1, .f64))) },
  "custom_other_argument": {
    let pair = DynamicTree.list([.leaf(.tensor(x)), .leaf(.tensor(x)), .leaf(.int(3))])
    try grad({ try sum(customProduct()(pair, $0)) }, Tensor(2, .f64))
  },
  "custom_other_structure": {
    let rule = ruled { try LeafMap(like: [$0[0]], values: [$0[0]]) }
    try grad({ try sum(rule($0)) }, [x, n])
  },
  "custom_at_a_whole_number": {
    let rule = ruled { try LeafMap(like: $0, values: [$0[0], $0[0]]) }
    try grad({ try sum(rule($0)) }, [x, n])
  },
  "closure_other_shape": {
    let converted = try filterClosureConvert({ (x: Tensor) in try x * 2 }, x)
    _ = try converted(Tensor([2], .f64))
  },
  "vmap_none_out_of_a_mapped_result": {
    let f = filterVmap(outAxes: .all(nil)) { (x: Tensor) in x }
    _ = try f(x)
  },
  "vmap_nothing_mapped": {
    let f = filterVmap(inAxes: VmapAxes<Tensor>.all(nil)) { (x: Tensor) in x }
    _ = try f(x)
  },
  "vmap_other_extents": {
    let f = filterVmap { (x: Tensor, y: Tensor) in x }
    _ = try f(x, Tensor([1, 2, 3], .f64))
  },
  "jit_value_in_if": {
    let f = filterJit { (x: Tensor) in try x.scalars[0] > 0 ? x : -x }
    _ = try f(x)
  },
]

/// What Equinox takes and Assay refuses: a gradient that nobody would ever see.
private let stricter: Set = ["custom_at_a_whole_number"]

@Suite struct GoldenRefusalTests {
  @Test(
    "FG-06 FG-12 FG-13 FG-16 JT-08 what Equinox refuses is refused",
    arguments: try TreeCase.all("refusal", in: "filters.h5"))
  func refused(one: TreeCase) throws {
    let name = String(one.description.split(separator: "/").last ?? "")
    let call = try #require(calls[name], "no call for \(name)")
    #expect(throws: (any Error).self) { try call() }
    #expect(try one.found()["raises"].string.isEmpty == stricter.contains(name))
  }

  @Test func `every call is one of the fixture's`() throws {
    let names = try TreeCase.all("refusal", in: "filters.h5").map {
      String($0.description.split(separator: "/").last ?? "")
    }
    #expect(names.sorted() == calls.keys.sorted())
  }
}
