// The small functions that transforms.h5 and collectives.h5 transform: of an instance on a named axis.

import Core

/// The axis that the functions C reduce over.
let mappedAxis = "batch"

/// The names of C.
let collectiveFunctions: [String: @Sendable (Tensor) throws -> Tensor] = [
  "center": { try centered($0) },
  "center_square": { try square(centered($0)) },
  "psum_square": { try psum(square($0), axisName: mappedAxis) },
  "pmax_shift": { try shifted($0) },
  "axis_softmax": { v in
    let e = try shifted(v)
    return try e / psum(e, axisName: mappedAxis)
  },
  "index_scale": { try $0 * axisIndex(mappedAxis).asType($0.dtype) },
  "size_scale": { try $0 * psum(Tensor(1, .i32), axisName: mappedAxis).asType($0.dtype) },
  "normalise": { v in
    let d = try centered(v)
    return try d / sqrt(pmean(square(d), axisName: mappedAxis) + 1e-5)
  },
  "gather_weighted": {
    try $0 * sum(weighted(sin(allGather($0, axisName: mappedAxis))), axes: [0])
  },
  "gather_last": { v in
    let all = try allGather(v, axisName: mappedAxis, axis: -1)
    return try v * sum(square(all) * indices(like: all, axis: all.rank - 1), axes: [all.rank - 1])
  },
  "gather_tiled": { v in
    try v * sum(weighted(sin(allGather(v, axisName: mappedAxis, tiled: true))))
  },
  "gather_constant": { v in
    try sin(v) * sum(allGather(Tensor(constant: 2, v.dtype), axisName: mappedAxis))
  },
  "scatter": { v in
    let rows = try broadcast(v, behind: axisSize(mappedAxis))
    return try psumScatter(weighted(sin(rows)), axisName: mappedAxis) * v
  },
  "scatter_tiled": { v in
    let all = try allGather(v, axisName: mappedAxis, tiled: true)
    return try psumScatter(weighted(sin(all)), axisName: mappedAxis, tiled: true) * v
  },
  "rotate": { try cos($0) * ppermute(sin($0), axisName: mappedAxis, permutation: rotation(by: 2)) },
  "pmin_shift": { try exp(pmin(stopGradient($0), axisName: mappedAxis) - $0) },
  "axis_size_scale": { try $0 * Double(axisSize(mappedAxis)) },
  "nested_gather": { v in
    try vmap(
      { try $0 * sum(weighted(sin(allGather($0, axisName: mappedAxis)))) }, axisName: "inner")(v)
  },
  "nested_rotate": { v in
    try vmap(
      { x in
        let moved = try ppermute(
          sin(x), axisName: "inner", permutation: rotation(by: 1, axisName: "inner"))
        return try x * ppermute(moved, axisName: mappedAxis, permutation: rotation(by: 1))
      }, axisName: "inner")(v)
  },
]

private func centered(_ v: Tensor) throws -> Tensor { try v - pmean(v, axisName: mappedAxis) }

/// exp(v − max): the maximum of a stopped v, because pmax has no derivative.
private func shifted(_ v: Tensor) throws -> Tensor {
  try exp(v - pmax(stopGradient(v), axisName: mappedAxis))
}

/// 1, 2, 3, … along `axis`, in the shape and dtype of `x`.
private func indices(like x: Tensor, axis: Int) throws -> Tensor {
  try iota(x.dtype, x.shape, dim: axis) + 1
}

/// x[i, …] · (i + 1).
private func weighted(_ x: Tensor) throws -> Tensor { try x * indices(like: x, axis: 0) }

/// `count` times `x`, along a new axis 0.
private func broadcast(_ x: Tensor, behind count: Int) throws -> Tensor {
  try broadcastInDim(x, shape: [count] + x.shape, dims: x.shape.indices.map { $0 + 1 })
}

/// i → i + `step`, around the end.
private func rotation(
  by step: Int, axisName: String = mappedAxis
) throws -> [(source: Int, target: Int)] {
  let size = try axisSize(axisName)
  return (0..<size).map { ($0, ($0 + step) % size) }
}

extension Catalogue {
  /// The collectives that each function C applies, which `vmap` resolves before a jaxpr could show them:
  /// traced where the axis has an extent and nobody maps it.
  package static func collectiveUses() throws -> [String: Set<String>] {
    try Context.$axisSizes.withValue([mappedAxis: 4]) {
      try collectiveFunctions.mapValues { function in
        let jaxpr = try makeJaxpr { [try function($0[0])] }([ShapedArray(.f32, [4])])
        return Set(jaxpr.eqns.map(\.primitive.name))
      }
    }
  }
}
