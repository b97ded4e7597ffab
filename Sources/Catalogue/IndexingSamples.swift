// Samples of reading and writing at computed places, indices inside and outside the operand.
//
// Where the derivative in the updates of a product is asked for, indices are distinct, as the program
// promises; extrema meet numbers of which no two tie.

import Core

extension Catalogue {
  static func indexingSamples(_ primitive: Primitive, _ dtype: DType) -> [Sample] {
    switch primitive {
    case .dynamicSlice: dynamicSliceSamples(dtype) + bracketSamples(dtype)
    case .dynamicUpdateSlice: dynamicUpdateSliceSamples(dtype)
    case .gather: gatherSamples(dtype) + takeSamples(dtype)
    case .scatter(let op, _): scatterSamples(op, dtype) + updateSamples(op, dtype)
    case .unary, .integerPow, .polygamma, .reducePrecision, .binary, .compare, .selectN, .clamp,
      .convertElementType,
      .broadcastInDim, .reshape, .transpose, .squeeze, .concatenate, .slice, .rev, .pad, .iota,
      .reduce, .argReduce, .dotGeneral, .collective, .axisIndex, .higherOrder, .convGeneralDilated,
      .reduceWindow,
      .selectAndScatterAdd, .selectAndGatherAdd, .cumulative, .bitcastConvertType, .sort, .topK,
      .split,
      .threefry2x32:
      []
    }
  }

  private static func made(
    _ name: String, _ parameters: String, _ dtype: DType, _ operands: [Operand]
  ) -> Sample {
    Sample(
      name, parameters, family: "indexing", operands, dtype.isInexact ? .smooth : .none)
  }

  private static func value(_ dtype: DType, _ shape: [Int]) -> Operand {
    dtype.isInexact ? Operand(ShapedArray(dtype, shape)) : whole(dtype, shape)
  }

  private static func dynamicSliceSamples(_ dtype: DType) -> [Sample] {
    let start = Operand(ShapedArray(.i32), in: -1...5)
    return [
      made("dynamic_slice", #"{"slice_sizes":[2]}"#, dtype, [value(dtype, [5]), start]),
      made(
        "dynamic_slice", #"{"slice_sizes":[2,3]}"#, dtype, [value(dtype, [4, 3]), start, start]),
      made(
        "dynamic_slice", #"{"slice_sizes":[1,2,4]}"#, dtype,
        [value(dtype, [3, 5, 4])] + Array(repeating: start, count: 3)),
    ]
  }

  private static func dynamicUpdateSliceSamples(_ dtype: DType) -> [Sample] {
    let start = Operand(ShapedArray(.i32), in: -1...5)
    return [([5], [2]), ([4, 3], [2, 3]), ([3, 5], [1, 2])].map { (shapes: ([Int], [Int])) in
      made(
        "dynamic_update_slice", "{}", dtype,
        [value(dtype, shapes.0), value(dtype, shapes.1)] + shapes.0.map { _ in start })
    }
  }

  private static func gatherSamples(_ dtype: DType) -> [Sample] {
    let forms = [
      IndexingForm(x: [4, 3], indices: [2, 1], [1], [0], [0], sizes: [1, 3]),
      IndexingForm(x: [5], indices: [3, 2, 1], [], [0], [0], sizes: [1]),
      IndexingForm(x: [4, 5], indices: [3, 2], [0], [1], [0, 1], sizes: [2, 1]),
      IndexingForm(x: [3, 5, 4], indices: [2, 2], [0, 2], [1], [2, 1], sizes: [3, 1, 2]),
      IndexingForm(
        x: [2, 5, 3], indices: [2, 4, 1], [2], [1], [1], sizes: [1, 1, 3], batching: ([0], [0])),
    ]
    return forms.flatMap { form in
      form.gatherModes.map { mode in
        made(
          "gather", form.gatherText(mode), dtype,
          [
            value(dtype, form.x),
            Operand(
              ShapedArray(.i32, form.indices), in: mode.hasPrefix("promise") ? 0...1 : -1...4),
          ])
      }
    }
  }

  private static func takeSamples(_ dtype: DType) -> [Sample] {
    [("fill", -3.0...2), ("clip", -2.0...5)].flatMap {
      (mode: String, domain: ClosedRange<Double>) in
      [0, 1].map { axis in
        made(
          "take", #"{"axis":\#(axis),"mode":"\#(mode)"}"#, dtype,
          [value(dtype, [3, 4]), Operand(ShapedArray(.i32, [2, 3]), in: domain)])
      }
    }
  }

  private static func scatterSamples(_ op: ScatterCombination, _ dtype: DType) -> [Sample] {
    guard dtype != .bool || op == .set else { return [] }
    let forms = [
      IndexingForm(x: [4, 3], indices: [5, 1], [1], [0], [0], sizes: [1, 3]),
      IndexingForm(x: [5], indices: [2, 2, 1], [], [0], [0], sizes: [1]),
      IndexingForm(x: [4, 5], indices: [3, 2], [0], [1], [0, 1], sizes: [2, 1]),
      IndexingForm(
        x: [2, 5, 3], indices: [2, 4, 1], [2], [1], [1], sizes: [1, 1, 3], batching: ([0], [0])),
    ]
    let name = scatterName(op)
    return forms.flatMap { form in
      form.scatterModes(op).flatMap { mode, unique in
        pairs(op, dtype, form.x, form.updates).map { x, updates in
          let indices = Operand(
            ShapedArray(.i32, form.indices), in: unique ? -1...14 : -1...4, isDistinct: unique)
          return made(name, form.scatterText(mode, unique), dtype, [x, indices, updates])
        }
      }
    }
  }

  /// Operand and updates; for extrema once the one and once the other wins.
  private static func pairs(
    _ op: ScatterCombination, _ dtype: DType, _ x: [Int], _ updates: [Int]
  ) -> [(Operand, Operand)] {
    switch op {
    case .set, .add, .mul: return [(value(dtype, x), value(dtype, updates))]
    case .min, .max:
      guard dtype.isInexact else { return [(value(dtype, x), value(dtype, updates))] }
      let domains: [(ClosedRange<Double>, ClosedRange<Double>)] = [
        (0.5...2, -2...0.4), (-2...0.4, 0.5...2),
      ]
      return domains.map {
        (
          Operand(ShapedArray(dtype, x), in: $0, isDistinct: true),
          Operand(ShapedArray(dtype, updates), in: $1, isDistinct: true)
        )
      }
    }
  }

  private static func bracketSamples(_ dtype: DType) -> [Sample] {
    let forms: [(index: String, x: [Int], tensors: [[Int]])] = [
      (#""1""#, [3, 4], []), (#""-1","1:3""#, [3, 4], []), (#""::-2",":2""#, [5, 4], []),
      (#""t""#, [3, 4], [[2, 2]]), (#"":","t""#, [3, 4], [[2]]),
      (#""t",":","t""#, [3, 4, 2], [[3], [2, 1]]), (#""0",":","t""#, [3, 4, 2], [[2]]),
      (#"":","t","0""#, [3, 4, 2], [[2]]),
    ]
    return forms.map { index, x, tensors in
      made(
        "getitem", #"{"index":[\#(index)]}"#, dtype,
        [value(dtype, x)] + tensors.map { Operand(ShapedArray(.i32, $0), in: -4...4) })
    }
  }

  private static func updateSamples(_ op: ScatterCombination, _ dtype: DType) -> [Sample] {
    guard dtype != .bool || op == .set else { return [] }
    var forms: [(index: String, x: [Int], values: [Int], tensors: [[Int]])] = [
      (#""1""#, [3, 4], [4], []), (#""::-2","1:3""#, [5, 4], [3, 2], []),
      (#""-1""#, [3, 4], [], []),
    ]
    // The derivative of a product needs a promise that tensors of indices cannot give.
    if op != .mul || !dtype.isInexact {
      forms += [(#""t""#, [3, 4], [3, 4], [[3]]), (#"":","t""#, [2, 5], [2, 3], [[3]])]
    }
    return forms.flatMap { index, x, values, tensors in
      pairs(op, dtype, x, values).map { operand, updates in
        made(
          "at_\(op.rawValue)", #"{"index":[\#(index)]}"#, dtype,
          [operand, updates] + tensors.map { Operand(ShapedArray(.i32, $0), in: -4...4) })
      }
    }
  }
}

/// Shapes and dimension numbers of a gather, and of the scatter that undoes it.
private struct IndexingForm {
  let x: [Int]
  let indices: [Int]
  let offsets: [Int]
  let collapsed: [Int]
  let map: [Int]
  let sizes: [Int]
  let batching: (operand: [Int], indices: [Int])

  init(
    x: [Int], indices: [Int], _ offsets: [Int], _ collapsed: [Int], _ map: [Int], sizes: [Int],
    batching: (operand: [Int], indices: [Int]) = ([], [])
  ) {
    (self.x, self.indices, self.offsets) = (x, indices, offsets)
    (self.collapsed, self.map, self.sizes, self.batching) = (collapsed, map, sizes, batching)
  }

  /// The shape of the windows: offsets where the numbers put them, else the indices' axes.
  var updates: [Int] {
    var window = x.indices.filter { !collapsed.contains($0) && !batching.operand.contains($0) }
      .map { sizes[$0] }
    var batch = Array(indices.dropLast())
    return (0..<window.count + batch.count).map {
      offsets.contains($0) ? window.removeFirst() : batch.removeFirst()
    }
  }

  /// A fill of 0 keeps the sample smooth; NaN is the goldens' business.
  var gatherModes: [String] {
    [
      #"fill","fill_value":0"#, #"clip","fill_value":null"#,
      #"promise_in_bounds","fill_value":null"#,
    ]
  }

  /// Modes and whether indices are promised to be unique; only single elements can keep the promise
  /// with random indices.
  func scatterModes(_ op: ScatterCombination) -> [(String, Bool)] {
    let single = map.count == 1 && batching.operand.isEmpty
    switch op {
    case .add, .min, .max: return [("drop", false), ("clip", false)]
    case .set: return [("drop", false), ("clip", false)] + (single ? [("drop", true)] : [])
    case .mul: return single ? [("drop", true)] : []
    }
  }

  func gatherText(_ mode: String) -> String {
    let (fill, name) = (mode.split(separator: ",")[1], mode.split(separator: ",")[0])
    return #"{"dimension_numbers":{"collapsed_slice_dims":\#(collapsed),"offset_dims":\#(offsets),"#
      + #""operand_batching_dims":\#(batching.operand),"start_index_map":\#(map),"#
      + #""start_indices_batching_dims":\#(batching.indices)},\#(fill),"#
      + #""indices_are_sorted":false,"mode":"\#(name),"slice_sizes":\#(sizes),"#
      + #""unique_indices":false}"#
  }

  func scatterText(_ mode: String, _ unique: Bool) -> String {
    #"{"dimension_numbers":{"inserted_window_dims":\#(collapsed),"#
      + #""operand_batching_dims":\#(batching.operand),"#
      + #""scatter_dims_to_operand_dims":\#(map),"#
      + #""scatter_indices_batching_dims":\#(batching.indices),"update_window_dims":\#(offsets)},"#
      + #""indices_are_sorted":false,"mode":"\#(mode)","unique_indices":\#(unique)}"#
  }
}
