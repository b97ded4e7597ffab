import Core

@main
struct Assay {
  static func main() throws {
    let x = Tensor([[1, 2, 3], [0.5, -1, 2]])
    let f: (Tensor) throws -> Tensor = { x in try sum(tanh(sin(x) * 2) + exp2(x)) }
    print(try makeJaxpr(f)(x)); print(try makeJaxpr(grad(f))(x)); print(try grad(f)(x))
    print(try makeJaxpr(vmap { try grad(f)($0) })(x))
    print(try vmap({ x in try x - pmean(x, axisName: "i") }, axisName: "i")(x))
    let g: (Tensor) throws -> Tensor = { try sum(square($0 - pmean($0, axisName: "i"))) }
    print(
      try grad({ xs in
        try sum(vmap({ try square($0 - pmean($0, axisName: "i")) }, axisName: "i")(xs))
      })(Tensor([1, 2, 3, 6])))
    print(
      try vmap({ try grad({ try psum(square($0), axisName: "i") })($0) }, axisName: "i")(
        Tensor([1, 2, 3, 6])))
    print(
      try grad({ try prod($0) })(Tensor([0, 2, 3])), try grad({ try relu($0) })(Tensor(0)),
      try vmap { try grad({ try relu($0) })($0) }(Tensor([-1, 0, 1])),
      try grad({ try sum(vmap { try relu($0) }($0)) })(Tensor([-1, 0, 1])))
    _ = g
    let j = try makeJaxpr(grad { try sum(matmul($0, transpose($0))) })(x)
    try j.check(); print(j)
  }
}
