// Rules that functions bring: asked under every nesting, once each, and told what they may skip.

import Core
import Synchronization
import TestSupport
import Testing

private typealias Function = @Sendable ([Tensor]) throws -> [Tensor]

/// What a rule was told, in order.
private final class Record<Entry: Sendable>: Sendable {
  private let entries = Mutex<[Entry]>([])
  func add(_ entry: Entry) { entries.withLock { $0.append(entry) } }
  var all: [Entry] { entries.withLock { $0 } }
}

@Suite struct CustomRuleTests {
  /// x² whose derivative is said to be 7x, so that a rule that is not asked shows.
  private static let forwards = customJVP(
    name: "sevens", { (x: Tensor) in try x * x },
    rule: { (x: Tensor, dx: Tensor) in (try x * x, try 7 * x * dx) })

  /// The same, by its transpose.
  private static let backwards: @Sendable (Tensor) throws -> Tensor = {
    let all = customVJP(
      name: "sevens", { x in [try x[0] * x[0]] }, forward: { x in ([try x[0] * x[0]], x) },
      backward: { x, ct in [try 7 * x[0] * ct[0]] })
    return { try all([$0])[0] }
  }()

  /// Functions that are x² in a nest of something else.
  private static func nests(
    _ f: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> [String: @Sendable (Tensor) throws -> Tensor] {
    [
      "plain": f, "jit": jit(f), "jit of jit": jit(jit(f)),
      "checkpoint": { try checkpoint { [try f($0[0])] }([$0])[0] },
      "vmap": { x in try vmap { try f($0) }(reshape(x, [1] + x.shape)).squeezed },
      "jit of vmap": jit { x in try vmap { try f($0) }(reshape(x, [1] + x.shape)).squeezed },
      "vmap of jit": { x in try vmap { try jit(f)($0) }(reshape(x, [1] + x.shape)).squeezed },
      "staged first": { x in try evalJaxpr(makeJaxpr { [try f($0[0])] }([x.aval]), [x])[0] },
      "scan": { x in try scan({ c, _ in (carry: [try f(c[0])], y: []) }, [x], length: 1).carry[0] },
      "xs of a scan": { x in
        try scan(
          { c, v in (carry: c, y: [try f(v[0])]) }, [], [reshape(x, [1] + x.shape)]
        ).ys[0].squeezed
      },
      "branch": { x in
        try cond(Tensor(1, .bool), [x], then: { [try f($0[0])] }, else: { $0 })[0]
      },
      "mapped branch": { x in
        try vmap { all in
          try cond(all[0], [all[1]], then: { [try f($0[0])] }, else: { $0 })
        }([Tensor([1], .bool), reshape(x, [1] + x.shape)])[0].squeezed
      },
    ]
  }

  @Test func `a forward rule is asked under every nesting`() throws {
    let x = Tensor(1.5, .f64)
    for (name, f) in Self.nests(Self.forwards) {
      #expect(try f(x).item == 2.25, "\(name)")
      #expect(try grad(f)(x).item == 10.5, "\(name)")
      #expect(try jvp(f, x, Tensor(2, .f64)).tangent.item == 21, "\(name)")
      #expect(try jit { try grad(f)($0) }(x).item == 10.5, "\(name)")
      // The derivative of the rule: that of 7x.
      #expect(try grad { try grad(f)($0) }(x).item == 7, "\(name)")
      #expect(try jvp({ try grad(f)($0) }, x, Tensor(1, .f64)).tangent.item == 7, "\(name)")
      #expect(try vmap { try grad(f)($0) }(Tensor([1, 2], .f64)).scalars == [7, 14], "\(name)")
    }
  }

  @Test func `a backward rule is asked under every nesting`() throws {
    let x = Tensor(1.5, .f64)
    for (name, f) in Self.nests(Self.backwards) {
      #expect(try f(x).item == 2.25, "\(name)")
      #expect(try grad(f)(x).item == 10.5, "\(name)")
      #expect(try jit { try grad(f)($0) }(x).item == 10.5, "\(name)")
      #expect(try grad { try grad(f)($0) }(x).item == 7, "\(name)")
      #expect(try jvp({ try grad(f)($0) }, x, Tensor(1, .f64)).tangent.item == 7, "\(name)")
      #expect(try vmap { try grad(f)($0) }(Tensor([1, 2], .f64)).scalars == [7, 14], "\(name)")
      #expect(
        try grad { try sum(vmap { try f($0) }($0)) }(Tensor([1, 2], .f64)).scalars == [7, 14],
        "\(name)")
    }
  }

  @Test func `forward mode of a backward rule is refused under every nesting`() throws {
    let sentence =
      "can't apply forward-mode autodiff (jvp) to a custom_vjp function: sevens; give it a customJVP "
      + "rule instead"
    for (name, f) in Self.nests(Self.backwards) {
      let error = #expect(throws: TraceError.self, "\(name)") {
        try jvp(f, Tensor(1.5, .f64), Tensor(1, .f64))
      }
      #expect(error?.description == sentence, "\(name)")
    }
    let error = #expect(throws: TraceError.self) {
      try jit { try jvp(Self.backwards, $0, $0).tangent }(Tensor(1.5, .f64))
    }
    #expect(error?.description == sentence)
  }

  @Test func `a backward rule is asked once per pullback and told what is needed`() throws {
    let (flags, given) = (Record<[Bool]>(), Record<[Bool]>())
    let f = customVJP(
      name: "pair", { x in [try x[0] * x[1], try sin(x[0])] },
      forward: { x, perturbed in
        flags.add(perturbed)
        return ([try x[0] * x[1], try sin(x[0])], x)
      },
      symbolicZeros: { x, cts in
        given.add(cts.map { $0 != nil })
        return [try cts[0].map { try $0 * x[1] }, nil, nil]
      })
    let x = [Tensor(2, .f64), Tensor(3, .f64), Tensor(4, .i32)]
    let (_, pullback) = try vjp({ [try f([$0[0], x[1], x[2]])[0]] }, [x[0]])
    #expect(flags.all == [[true, false, false]])
    #expect(given.all == [])
    #expect(try pullback([Tensor(1, .f64)])[0].item == 3)
    #expect(given.all == [[true, false]])
    // A nil cotangent is a zero.
    let both = try vjp({ try f([$0[0], $0[1], x[2]]) }, [x[0], x[1]])
    #expect(flags.all.last == [true, true, false])
    let cts = try both.pullback([Tensor(1, .f64), Tensor(1, .f64)])
    #expect(try cts.map { try $0.item } == [3, 0])
    #expect(given.all.last == [true, true])
    // Nothing is differentiated: no rule is asked.
    _ = try f(x)
    _ = try grad { (y: Tensor) in try y * f(x)[0] }(Tensor(1, .f64))
    #expect(flags.all.count == 2)
  }

  @Test func `a forward rule sees symbolic zeros as nil`() throws {
    let flags = Record<[Bool]>()
    let f = customJVP(
      name: "pair", { x in [try x[0] * x[1]] },
      symbolicZeros: { x, dx in
        flags.add(dx.map { $0 != nil })
        return ([try x[0] * x[1]], [try dx[0].map { try $0 * x[1] }])
      })
    let (x, y, n) = (Tensor(2, .f64), Tensor(3, .f64), Tensor(1, .i32))
    #expect(try grad { (x: Tensor) in try f([x, y, n])[0] }(x).item == 3)
    #expect(try jvp({ [try f([x, $0[0], n])[0]] }, [y], [y]).tangents[0].item == 0)
    #expect(flags.all == [[true, false, false], [false, true, false]])
  }

  @Test func `DV-24: a result that is not mapped has one cotangent per example`() throws {
    let function: Function = { x in [try x[0] * x[1], try sin(x[1])] }
    let own = customVJP(
      name: "own", function, forward: { (try function($0), $0) },
      backward: { x, ct in [try ct[0] * x[1], try ct[0] * x[0] + ct[1] * cos(x[1])] })
    let rows = Tensor([1, 2, 3], .f64)
    func slope(_ f: @escaping Function) throws -> Double {
      try grad { (y: Tensor) in
        let outs = try vmap(f, inAxes: [0, nil])([rows, y])
        return try sum(outs[0]) + sum(outs[1])
      }(Tensor(0.5, .f64)).item
    }
    // 6 + 3 cos ½ by both; JAX 0.10.2 says 6 + 9 cos ½ for the function with the rule.
    #expect(try slope(own) == slope(function))
    let cosine = try cos(Tensor(0.5, .f64)).item
    let upstream = 6 + 9 * cosine
    #expect(try abs(slope(own) - upstream) > 5)
  }

  @Test func `a rule may read known tensors that it closes over`() throws {
    // A vector behind the rule: a constant of every program that is derived from a body.
    let weights = Tensor([2, 3], .f64)
    let f = customJVP(
      name: "weighted", { (x: Tensor) in try sum(x * weights) },
      rule: { (x: Tensor, dx: Tensor) in (try sum(x * weights), try sum(dx * weights)) })
    let x = Tensor([1, 2], .f64)
    let functions: [@Sendable (Tensor) throws -> Tensor] = [
      { x in
        try scan({ c, _ in (carry: [try c[0] * f(c[0])], y: []) }, [x], length: 2).carry[0]
      },
      { x in
        try cond(
          Tensor(1, .bool), [x], then: { [try $0[0] * f($0[0])] }, else: { [try 2 * $0[0]] })[0]
      },
      { x in try checkpoint { [try $0[0] * f($0[0])] }([x])[0] },
    ]
    let plain: @Sendable (Tensor) throws -> Tensor = { try $0 * sum($0 * weights) }
    let twice: Function = { [try plain(plain($0[0]))] }
    let once: Function = { [try plain($0[0])] }
    let many = Tensor([[1, 2], [0.5, -1]], .f64)
    for (place, (function, own)) in zip(functions, [twice, once, once]).enumerated() {
      let nested: Function = { [try function($0[0])] }
      try expectSame(withCotangents(nested), withCotangents(own), at: [x], "\(place)")
      try expectSame(
        withCotangents(withCotangents(nested)), withCotangents(withCotangents(own)), at: [x],
        "second order of \(place)")
      try expectSame(
        withCotangents(vmap(nested)), withCotangents(vmap(own)), at: [many], "vmap of \(place)")
    }
  }
}

extension Tensor {
  /// Without a leading axis of extent 1.
  fileprivate var squeezed: Tensor { get throws { try squeeze(self, [0]) } }
}
