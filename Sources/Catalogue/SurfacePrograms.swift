// The programs of surface.h5: brackets beyond one scatter, take along an axis, slices of one axis,
// division that rounds down. Operands: x, then the values or the update, then indices.

import Core

extension Catalogue {
  static let surfaceEntries: [String: Entry] =
    placeEntries.merging(axisEntries) { one, _ in one }.merging(dynamicEntries) { one, _ in one }

  private static var placeEntries: [String: Entry] {
    [
      "at_subtract": changed { try $0.subtract($1) },
      "at_divide": changed { try $0.divide($1) },
      "at_power": changed { try $0.power($1) },
      "at_apply": Entry(1...Int.max, IndexParameters.self) { p in
        { x in
          [try x[0].at[p.resolved(x.dropFirst())].apply { try square($0) + ones(like: $0) }]
        }
      },
      "at_get": Entry(1...Int.max, GetParameters.self) { p in
        { x in
          let place = x[0].at[try IndexText(p.index).resolved(x.dropFirst())]
          return switch p.mode {
          case .default: [try place.get()]
          case .clip: [try place.get(mode: .clip)]
          case .fill: [try place.get(fillingWith: p.fill_value)]
          }
        }
      },
      "floor_divide": Entry(2) { try floorDivide($0[0], $0[1]) },
      "remainder": Entry(2) { try remainder($0[0], $0[1]) },
    ]
  }

  private static func changed(
    _ change: @escaping @Sendable (IndexedPlace, Tensor) throws -> Tensor
  ) -> Entry {
    Entry(2...Int.max, IndexParameters.self) { p in
      { x in [try change(x[0].at[p.resolved(x.dropFirst(2))], x[1])] }
    }
  }

  private static var axisEntries: [String: Entry] {
    [
      "take": Entry(2...2, TakeParameters.self) { p in
        { x in
          [try take(x[0], x[1], axis: p.axis, mode: p.mode.mode, fillValue: p.fill_value)]
        }
      },
      "take_along_axis": Entry(2...2, AlongAxisParameters.self) { p in
        let mode: GatherMode? = p.mode == .clip ? .clip : nil
        return { x in [try takeAlongAxis(x[0], x[1], axis: p.axis, mode: mode)] }
      },
      "index_in_dim": Entry(1...1, IndexInDimParameters.self) { p in
        { x in [try indexInDim(x[0], p.index, axis: p.axis, keepDims: p.keepdims)] }
      },
      "slice_in_dim": Entry(1...1, SliceInDimParameters.self) { p in
        { x in
          [
            try sliceInDim(
              x[0], from: p.start_index, to: p.limit_index, stride: p.stride, axis: p.axis)
          ]
        }
      },
    ]
  }

  private static var dynamicEntries: [String: Entry] {
    [
      "dynamic_index_in_dim": Entry(2...2, DynamicIndexParameters.self) { p in
        { x in [try dynamicIndexInDim(x[0], x[1], axis: p.axis, keepDims: p.keepdims)] }
      },
      "dynamic_slice_in_dim": Entry(2...2, DynamicSliceParameters.self) { p in
        { x in [try dynamicSliceInDim(x[0], x[1], size: p.slice_size, axis: p.axis)] }
      },
      "dynamic_update_index_in_dim": Entry(3...3, AxisParameter.self) { p in
        { x in [try dynamicUpdateIndexInDim(x[0], x[1], x[2], axis: p.axis)] }
      },
      "dynamic_update_slice_in_dim": Entry(3...3, AxisParameter.self) { p in
        { x in [try dynamicUpdateSliceInDim(x[0], x[1], x[2], axis: p.axis)] }
      },
    ]
  }
}

private struct GetParameters: ParameterSet {
  static let keys: Set = ["fill_value", "index", "mode"]
  enum Mode: String, Decodable, Sendable { case `default`, clip, fill }
  let fill_value: Double?
  let index: [String]
  let mode: Mode
}

private struct TakeParameters: ParameterSet {
  static let keys: Set = ["axis", "fill_value", "mode"]

  enum Mode: String, Decodable, Sendable {
    case fill, clip, wrap

    var mode: TakeMode {
      switch self {
      case .fill: .fill
      case .clip: .clip
      case .wrap: .wrap
      }
    }
  }

  let axis: Int?
  let fill_value: Double?
  let mode: Mode
}

private struct AlongAxisParameters: ParameterSet {
  static let keys: Set = ["axis", "mode"]
  enum Mode: String, Decodable, Sendable { case clip, fill }
  let axis: Int
  let mode: Mode
}

private struct IndexInDimParameters: ParameterSet {
  static let keys: Set = ["axis", "index", "keepdims"]
  let axis: Int
  let index: Int
  let keepdims: Bool
}

private struct SliceInDimParameters: ParameterSet {
  static let keys: Set = ["axis", "limit_index", "start_index", "stride"]
  let axis: Int
  let limit_index: Int?
  let start_index: Int?
  let stride: Int
}

private struct DynamicIndexParameters: ParameterSet {
  static let keys: Set = ["axis", "keepdims"]
  let axis: Int
  let keepdims: Bool
}

private struct DynamicSliceParameters: ParameterSet {
  static let keys: Set = ["axis", "slice_size"]
  let axis: Int
  let slice_size: Int
}
