// Dropout: the mask, the scale, the key, the switch.

import Core
import NN
import Random
import TestSupport
import Testing
import Tree

@Suite struct DropoutTests {
  private let x = Tensor([1, 1, 1, 1, 1, 1, 1, 1])

  @Test func `DO-01 kept elements are divided by 1 − p and the derivative is mask over q`() throws {
    let x = dyadicBatch([64], 1)
    let (key, layer) = (Key(3), Dropout(0.3))
    let mask = try key.bernoulli(0.7, [64]).scalars
    #expect(Set(mask) == [0, 1])
    let y = try layer(x, key: key).scalars
    let q = 1 - 0.3
    #expect(zip(y, zip(try x.scalars, mask)).allSatisfy { $0 == ($1.1 == 1 ? $1.0 / q : 0) })
    let slope = try grad { (x: Tensor) in try sum(layer(x, key: key)) }(x).scalars
    #expect(zip(slope, mask).allSatisfy { $0 == $1 / q })
  }

  @Test func `DO-01 no gradient reaches p`() throws {
    let slope = try grad { (p: Tensor) in
      try sum(Dropout(.tensor(p))(Tensor([1, 2, 3]), key: Key(0)))
    }(Tensor(0.5))
    #expect(try slope.item == 0)
  }

  @Test func `DO-01 the mean of many masks is the input`() throws {
    // The mean of n = 20000 elements of variance p/q: six of its standard deviations.
    for p in [0.1, 0.5, 0.9] {
      let y = try Dropout(.number(p))(ones([20_000], .f64), key: Key(11))
      #expect(abs(try mean(y).item - 1) < 6 * (p / (1 - p) / 20_000).squareRoot())
    }
  }

  @Test func `DO-02 a key is needed in training unless p is the number 0`() throws {
    let missing = LayerError.missingKey("Dropout")
    #expect("\(missing)" == "Dropout requires a key when running in non-deterministic mode")
    #expect(throws: missing) { try Dropout(0.5)(x, key: nil) }
    #expect(throws: missing) { try Dropout(.tensor(Tensor(0)))(x, key: nil) }
    #expect(try isSame(Dropout(0)(x, key: nil), x))
    #expect(try isSame(Dropout(0.5, inference: true)(x, key: nil), x))
    #expect(try isSame(Dropout(.tensor(Tensor(0)))(x, key: Key(0)), x))
  }

  @Test func `DO-03 inference at the call goes before the field`() throws {
    #expect(try isSame(Dropout(0.5)(x, inference: true), x))
    #expect(throws: LayerError.self) {
      try Dropout(0.5, inference: true)(x, inference: false)
    }
    #expect(try !isSame(Dropout(0.5, inference: true)(x, key: Key(0), inference: false), x))
  }

  /// DV-33: the output is the constant 0; upstream's derivative of it is NaN.
  @Test func `DO-04 DV-33 at p = 1 value and derivative are 0, or NaN as upstream has it`() throws {
    for rate in [Dropout.Rate.number(1), .tensor(Tensor(1))] {
      for (atOne, isNaN) in [(Dropout.AtOne.zero, false), (.equinox, true)] {
        let layer = Dropout(rate, atOne: atOne)
        #expect(try layer(x, key: Key(0)).scalars.allSatisfy { $0 == 0 })
        let slope = try grad { (x: Tensor) in try sum(layer(x, key: Key(0))) }(x).scalars
        #expect(slope.allSatisfy { isNaN ? $0.isNaN : $0 == 0 })
      }
    }
  }

  @Test func `DO-04 p is not checked: above 1 all is dropped, below 0 all is kept and scaled`()
    throws
  {
    #expect(try Dropout(1.5)(x, key: Key(0)).scalars.allSatisfy { $0 == 0 })
    #expect(try Dropout(-1)(x, key: Key(0)).scalars.allSatisfy { $0 == 0.5 })
  }

  @Test func `DO-04 whole numbers become floats, and a NaN survives only where it is kept`() throws
  {
    let y = try Dropout(0.5)(Tensor([1, 2, 3, 4, 5, 6, 7, 8], .i32), key: Key(0))
    #expect(y.dtype == .f32)
    let z = try Dropout(0.5)(full([8], .nan), key: Key(0)).scalars
    #expect(z.map(\.isNaN) == [false, false, true, true, false, true, true, false])
  }

  @Test func `DO-05 p and inference are leaves that are no arrays`() throws {
    let layer = Dropout(0.25)
    #expect(layer.leafPaths.map(\.description) == [".p", ".inference"])
    #expect(layer.leaves.map(\.kind) == [.double, .bool])
    let other = try layer.unflatten([.double(0), .bool(false)])
    #expect(try isSame(other(x, key: nil), x))
    try checkFields(of: layer)
  }

  @Test func `DO-06 one key gives every example one mask, split keys give each its own`() throws {
    let rows = try ones([4, 16])
    let layer = Dropout(0.5)
    var none = State()
    let same = try vmap(rows, state: &none) { x, _ in try layer(x, key: Key(5)) }
    let each = try vmap(rows, key: Key(5), state: &none) { x, key, _ in try layer(x, key: key) }
    for i in 1..<4 {
      #expect(try isSame(same[0], same[i]))
      #expect(try !isSame(each[0], each[i]))
    }
    #expect(try isSame(each[2], layer(rows[2], key: Key(5).split(4)[2])))
  }

  /// The masks that JAX 0.10.2 draws from key 0 without and with 64-bit types.
  @Test func `DO-07 the mask depends on the dtype that is drawn`() throws {
    #expect(try Dropout(0.5)(x, key: Key(0)).scalars == [0, 0, 2, 2, 0, 2, 2, 0])
    #expect(try Dropout(0.5, x64: true)(x, key: Key(0)).scalars == [2, 2, 0, 0, 0, 2, 0, 0])
  }
}
