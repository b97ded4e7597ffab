// What a draw refuses, and in which words.

import Core
import Random
import Testing

@Suite struct RandomErrorTests {
  private let key = Key(0)

  @Test func `a batch of keys is not a key`() throws {
    let batch = try Key(data: key.keys([3]))
    for draw in [
      { try batch.uniform([2]) }, { try batch.foldIn(1).data }, { try batch.keys([2]) },
    ] as [() throws -> Tensor] {
      let error = #expect(throws: TraceError.self) { try draw() }
      #expect(error?.description.contains("accepts a single key") == true)
      #expect(error?.description.contains("u32[3,2]") == true)
    }
    #expect(throws: TraceError.self) { try Key(data: zeros([2])).bits() }
  }

  @Test(arguments: [-1, 1 << 32])
  func `foldIn takes 32 bits`(number: Int) {
    let error = #expect(throws: TraceError.self) { try key.foldIn(number) }
    #expect(error?.description == "integer \(number) out of bounds for uint32")
  }

  @Test func `arguments that mean nothing`() throws {
    let calls: [(String, () throws -> Any)] = [
      ("non-negative", { try key.bits([2, -1]) }),
      ("non-negative", { try key.split(-2) }),
      ("must be a float dtype", { try key.uniform([2], .i32) }),
      ("must be an integer", { try Key(seed: Tensor(1)) }),
      ("integer scalar", { try key.foldIn(Tensor([1, 2], .i32)) }),
      ("broadcast", { try key.uniform([2], from: Tensor([0, 0, 0]), to: Tensor(1)) }),
      ("broadcast", { try key.uniform([1], from: Tensor([0, 0, 0]), to: Tensor(1)) }),
      ("integer dtypes", { try key.randint([2], from: 0, to: 2, dtype: .f32) }),
      ("greater than 0", { try key.choice(0, [3]) }),
      ("larger sample (size 4)", { try key.choice(3, [4], replace: false) }),
      ("p has shape (2,)", { try key.choice(3, [2], p: Tensor([0.5, 0.5])) }),
      ("out of bounds", { try key.choice(of: Tensor(1), [2]) }),
      ("out of bounds", { try key.permutation(of: Tensor([1, 2]), axis: 1) }),
      ("out of bounds", { try key.categorical(Tensor([[1, 2]]), axis: 2) }),
      ("must end with", { try key.categorical(Tensor([[1, 2]]), shape: [3]) }),
      ("cannot exceed", { try key.categorical(Tensor([1, 2]), shape: [3], replace: false) }),
    ]
    for (text, call) in calls {
      let error = #expect(throws: TraceError.self) { try call() }
      #expect(error?.description.contains(text) == true, "\(text): \(error?.description ?? "-")")
    }
  }

  @Test func `an empty draw is empty`() throws {
    #expect(try key.uniform([0, 3]).shape == [0, 3])
    #expect(try key.permutation(0).shape == [0])
    #expect(try key.choice(0, [0]).shape == [0])
    #expect(try key.choice(of: zeros([0, 2]), [0]).shape == [0, 2])
    #expect(try key.randint([2], from: 5, to: 5).scalars == [5, 5])
    #expect(try key.randint([2], from: 5, to: -5).scalars == [5, 5])
  }
}
