// The data and the orders of a run are those of the Python program with the same seed.
//
// What JAX 0.10.2 printed for the recipe of this file (a seed, three keys, four keys of the data):
// inputs and orders as a checksum Σ wᵢ·31ⁿ⁻¹⁻ⁱ mod 2⁶⁴ of their bit patterns, targets as numbers.

import Core
import Oracle
import Random
import Testing
import Training

/// One seed: sizes, and what JAX drew.
private struct Drawn: CustomTestStringConvertible {
  let seed, training, validation: Int
  let inputs, held: UInt64
  let targets: [Double]
  let orders: [(epoch: Int, sum: UInt64, first: [Double], key: [Double])]

  var testDescription: String { "seed \(seed), \(training) examples" }

  static let all = [
    Drawn(
      seed: 0, training: 2048, validation: 512, inputs: 2_608_276_473_192_746_456,
      held: 7_673_001_790_247_538_746,
      targets: [-0.6349282264709473, -0.35052308440208435, -1.0542895793914795],
      orders: [
        (0, 5_828_236_050_184_413_002, [833, 881, 1347, 1209], [3_248_216_040, 3_909_608_588]),
        (3, 11_061_144_475_814_645_724, [1458, 1811, 463, 445], [3_260_736_088, 179_181_807]),
      ]),
    Drawn(
      seed: 7, training: 100, validation: 30, inputs: 85_583_304_977_388_263,
      held: 3_794_314_993_059_583_836,
      targets: [0.7823925614356995, -0.12402759492397308, 0.2913621962070465],
      orders: [
        (0, 4_301_530_055_576_565_562, [76, 20, 98, 30], [1_292_422_185, 2_986_967_928]),
        (3, 15_164_411_414_663_518_754, [11, 5, 19, 74], [3_342_562_020, 3_072_626_137]),
      ]),
  ]

  /// Inputs and validation inputs; the key of the run.
  func sets() throws -> (training: Examples, validation: Examples, run: Key) {
    let keys = try Key(seed).split(3)
    let (train, held) = try Examples.noisySine(
      training: training, validation: validation, key: keys[0])
    return (train, held, keys[2])
  }
}

private func checksum(_ x: Tensor) throws -> UInt64 {
  let words = try bitcastConvertType(x, .u32).scalars
  return words.reduce(0) { $0 &* 31 &+ UInt64($1) }
}

@Suite struct DataTests {
  @Test(arguments: Drawn.all)
  fileprivate func `inputs are JAX's bit for bit`(drawn: Drawn) throws {
    let (training, validation, _) = try drawn.sets()
    #expect(training.x.shape == [drawn.training, 1])
    #expect(validation.y.shape == [drawn.validation, 1])
    #expect(try checksum(training.x) == drawn.inputs)
    #expect(try checksum(validation.x) == drawn.held)
  }

  @Test(arguments: Drawn.all)
  fileprivate func `targets are JAX's within what two sines and two inverses of erf may differ by`(
    drawn: Drawn
  ) throws {
    let training = try drawn.sets().training
    let program = try makeJaxpr { (_: [Tensor]) in try [drawn.sets().training.y] }([])
    for model in [ErrorModel.reference, .jax] {
      let allowed = try enclose(program, [], model: model)[0]
      for (i, target) in drawn.targets.enumerated() {
        let value = model.name == ErrorModel.jax.name ? target : try training.y.scalars[i]
        #expect(allowed.admits(DoubleDouble(value), at: i), "\(model.name), target \(i): \(value)")
        // The enclosure says something: it is a few units of the last place wide.
        #expect(allowed.radius(i) < 1e-5)
      }
    }
  }

  @Test(arguments: Drawn.all)
  fileprivate func `orders and keys of batches are JAX's bit for bit`(drawn: Drawn) throws {
    let (training, _, key) = try drawn.sets()
    for (number, sum, first, batchKey) in drawn.orders {
      let epoch = try Epoch(training, batchSize: 10, key: key.foldIn(number))
      #expect(try checksum(epoch.order) == sum, "epoch \(number)")
      #expect(try Array(epoch.order.scalars.prefix(4)) == first, "epoch \(number)")
      #expect(try epoch.batch(2).key.data.scalars == batchKey, "epoch \(number)")
    }
  }

  @Test func `batches are consecutive blocks of the order, and the remainder is left out`() throws {
    let data = try Examples(x: arange(23, .f32), y: -arange(23, .f32))
    let epoch = try Epoch(data, batchSize: 5, key: Key(3))
    #expect(epoch.count == 4)
    let order = try epoch.order.scalars
    #expect(order.sorted() == (0..<23).map(Double.init))
    for i in 0..<4 {
      let batch = try epoch.batch(i).examples
      #expect(try batch.x.scalars == Array(order[i * 5..<i * 5 + 5]))
      #expect(try batch.y.scalars == order[i * 5..<i * 5 + 5].map { -$0 })
    }
    // Another epoch leaves out others.
    let next = try Epoch(data, batchSize: 5, key: Key(4)).order.scalars
    #expect(Set(order.suffix(3)) != Set(next.suffix(3)))
  }

  @Test func `a batch that cannot be filled is refused`() throws {
    let data = try Examples(x: zeros([3, 1]), y: zeros([3, 1]))
    for size in [0, 4, -1] {
      let error = #expect(throws: TrainingError.self) {
        try Epoch(data, batchSize: size, key: Key(0))
      }
      #expect("\(error, default: "")" == "3 examples do not fill a batch of \(size)")
    }
    #expect(throws: TrainingError.self) { try Epoch(data, batchSize: 2, key: Key(0)).batch(1) }
    #expect(try Epoch(data, batchSize: 3, key: Key(0)).batch(0).examples.count == 3)
    #expect(throws: TrainingError.self) { try Examples(x: zeros([3]), y: zeros([4])) }
    #expect(throws: TrainingError.self) { try Examples(x: zeros([]), y: zeros([])) }
  }
}
