// A number that is none is traced back to the equation that made it.

import Core
import NN
import Optim
import Random
import Testing
import Training
import Tree

@Suite struct NonFiniteTests {
  private func origin(
    _ xs: [Tensor], names: [String] = ["a", "b"], _ f: @escaping ([Tensor]) throws -> Tensor
  ) throws -> NonFiniteOrigin {
    let jaxpr = try makeJaxpr { try [f($0)] }(xs.map(\.aval))
    return try nonFiniteOrigin(of: jaxpr, xs, names: names, output: 0)
  }

  @Test func `the equation that made the first NaN is named with what it read and gave`() throws {
    let found = try origin([Tensor([4, -0.25, 1])]) { xs in try sum(sin(log(xs[0]) * 2)) }
    #expect(
      "\(found)" == """
        equation 1 of 4 is the first on the way there: b:f32[3] = log a, where it read f32[3] in \
        [-0.25, 4.0] and gave f32[3] in [0.0, 1.3862944], 1 nan
        """)
  }

  @Test func `an infinity that a mask takes back is not blamed`() throws {
    // exp(−∞) = 0 is meant; √−1 is not.
    let found = try origin([Tensor([0, 1]), Tensor([-1, 2])]) { xs in
      let masked = try exp(log(xs[0]))
      return try sum(masked * sqrt(xs[1]))
    }
    guard case .equation(_, _, let text, let operands, _) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(text.contains("sqrt"))
    #expect(operands == ["f32[2] in [-1.0, 2.0]"])
  }

  @Test func `of two that are at fault the first of the program is named`() throws {
    let found = try origin([Tensor([-1]), Tensor([-1])]) { xs in
      let second = try log(xs[1])
      return try sum(second + sqrt(xs[0]))
    }
    guard case .equation(1, of: 4, let text, _, _) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(text.contains("log"))
  }

  @Test func `a number that came in as none is named by its argument`() throws {
    let found = try origin([Tensor([1]), Tensor([.nan, 3])]) { xs in
      try sum(xs[0] * 2) + sum(xs[1] * 3)
    }
    #expect("\(found)" == "it came in with b: f32[2] in [3.0, 3.0], 1 nan")
  }

  @Test func `the number that came in is shown whichever operand it is`() throws {
    let found = try origin([Tensor([1]), Tensor([-.infinity])]) { xs in try sum(xs[0] * xs[1]) }
    #expect("\(found)" == "it came in with b: f32[1], 1 inf")
  }

  @Test func `a constant of the program that is none is named before what it spoils`() throws {
    let spoilt = Tensor([.nan, 2])
    let found = try origin([Tensor([1, .infinity])]) { xs in try sum(xs[0] * spoilt) }
    #expect("\(found)" == "it came in with a constant: f32[2] in [2.0, 2.0], 1 nan")
  }

  @Test func `a literal that is none is the fault of the equation that reads it`() throws {
    let found = try origin([Tensor(2)]) { xs in try xs[0] * Double.infinity }
    guard case .equation(1, of: 1, let text, _, let results) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(text.contains("mul") && results == ["f32[], 1 inf"])
  }

  @Test func `the walk starts at the output that is asked for`() throws {
    let x = Tensor([-1, 700], .f64)
    let jaxpr = try makeJaxpr { xs in [try sqrt(xs[0]), try exp(xs[0] * 2)] }([x.aval])
    let origins = try (0..<2).map {
      try "\(nonFiniteOrigin(of: jaxpr, [x], names: ["x"], output: $0))"
    }
    #expect(origins[0].contains("= sqrt ") && origins[0].hasSuffix("1 nan"))
    #expect(origins[1].contains("= exp ") && origins[1].hasSuffix(", 1 inf"))
    let finite = try nonFiniteOrigin(of: jaxpr, [Tensor([-1, 1], .f64)], names: [], output: 1)
    guard case .onlyCompiled = finite else {
      Issue.record("\(finite)")
      return
    }
  }

  @Test func `an overflow inside a called function is seen through the call`() throws {
    let inner = jit { (x: Tensor) in try exp(x) }
    let found = try origin([Tensor([100, 1])]) { xs in try sum(inner(xs[0])) }
    guard case .equation(_, _, let text, _, let results) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(text.contains("exp"))
    #expect(results == ["f32[2] in [2.7182817, 2.7182817], 1 inf"])
  }

  @Test func `a finite program has no such equation`() throws {
    let found = try origin([Tensor([1])]) { xs in try sum(xs[0]) }
    guard case .onlyCompiled = found else {
      Issue.record("\(found)")
      return
    }
  }
}

@Suite struct NonFiniteStepTests {
  private func data(_ x: [Double]) throws -> Examples {
    try Examples(x: reshape(Tensor(x), [x.count, 1]), y: zeros([x.count, 1]))
  }

  @Test func `a step whose loss is NaN throws, and the run is as it was`() throws {
    let trainer = Trainer(adam(0.1)) { (net: Linear, batch) in
      try mean(log(vmap { try net($0) }(batch.x)))
    }
    let net = try Linear(weight: Tensor([[1]]), bias: Tensor([0]))
    var run = try trainer.start(net, key: Key(0))
    try trainer.step(&run, data([1, 2]), key: Key(1))
    let before = run
    let error = #expect(throws: TrainingError.self) {
      try trainer.step(&run, data([3, -2]), key: Key(1))
    }
    let text = "\(error, default: "")"
    #expect(text.hasPrefix("epoch 1, step 2: the loss is not finite. equation "))
    #expect(text.contains("= log "))
    #expect(try treeBitwiseEqual(run, before))
  }

  @Test func `a parameter that stops being a number is named though the loss is finite`() throws {
    // √x at 0 is finite, its derivative is not.
    let trainer = Trainer(sgd(0.1)) { (net: Linear, batch) in
      try mean(sqrt(vmap { try net($0) }(batch.x)))
    }
    var run = try trainer.start(
      Linear(weight: Tensor([[1]]), bias: Tensor([0])), key: Key(0))
    let error = #expect(throws: TrainingError.self) {
      try trainer.step(&run, data([0, 4]), key: Key(1))
    }
    let text = "\(error, default: "")"
    #expect(text.hasPrefix("epoch 1, step 1: the parameter .weight is not finite. equation "))
    #expect(text.contains(" gave ") && text.contains("inf"))
  }

  /// A number that is no tensor stands before the parameters.
  private struct Named: PyTree {
    var power = 0.5
    var first: Tensor
    var second: Tensor

    mutating func visitFields(_ visitor: FieldVisitor) {
      visitor.field("power", &power)
      visitor.field("first", &first)
      visitor.field("second", &second)
    }
  }

  @Test func `the parameter that stopped being a number is explained, and no other`() throws {
    for (first, second, name) in [(0.0, 1.0, "first"), (1, 0, "second")] {
      let trainer = Trainer(sgd(0.1)) { (net: Named, _) in
        try sqrt(net.first) + sqrt(net.second)
      }
      var run = try trainer.start(
        Named(first: Tensor(first), second: Tensor(second)), key: Key(0))
      let error = #expect(throws: TrainingError.self) {
        try trainer.step(&run, data([1]), key: Key(1))
      }
      let text = "\(error, default: "")"
      #expect(text.contains("the parameter .\(name) is not finite. equation "), "\(text)")
      #expect(text.contains(" is the first on the way there: "), "\(text)")
    }
  }

  @Test func `a parameter that was none before is nobody's fault now`() throws {
    let trainer = Trainer(sgd(0.5)) { (net: Named, _) in try square(net.first) }
    var run = try trainer.start(Named(first: Tensor(1), second: Tensor(.infinity)), key: Key(0))
    try trainer.step(&run, data([1]), key: Key(1))
    #expect(try run.model.first.item == 0 && run.model.second.item == .infinity)
  }

  @Test func `data that hold a NaN are named as such`() throws {
    let trainer = Trainer(sgd(0.1)) { (net: Linear, batch) in
      try mean(square(vmap { try net($0) }(batch.x)))
    }
    var run = try trainer.start(
      Linear(weight: Tensor([[1]]), bias: Tensor([0])), key: Key(0))
    let error = #expect(throws: TrainingError.self) {
      try trainer.step(&run, data([.nan, 4]), key: Key(1))
    }
    #expect(
      "\(error, default: "")".hasSuffix("it came in with batch.x: f32[2,1] in [4.0, 4.0], 1 nan"))
  }
}
