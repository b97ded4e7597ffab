// The transposes of operations that move data: what was spread is summed, what was cut is padded.

/// Sums the axes along which the operand was repeated.
func broadcastTranspose(_ ct: Tensor, dims: [Int], to x: ShapedArray) throws -> Tensor {
  let stretched = Set(zip(dims, x.shape).filter { ct.shape[$0] != $1 }.map(\.0))
  let summed = ct.shape.indices.filter { !dims.contains($0) || stretched.contains($0) }
  let reduced = summed.isEmpty ? ct : try bind1(.reduce(.sum, axes: summed), [ct])
  return reduced.shape == x.shape ? reduced : try bind1(.reshape(x.shape), [reduced])
}

/// Repeats a reduced cotangent over the axes that were summed.
func spread(_ ct: Tensor, over axes: [Int], of x: ShapedArray) throws -> Tensor {
  let kept = x.shape.indices.filter { !axes.contains($0) }
  return try bind1(.broadcastInDim(shape: x.shape, dims: kept), [ct])
}

/// Each linear operand gets its own section of `ct`.
func concatenateTranspose(_ ct: Tensor, _ ins: [LinearInput], _ dim: Int) throws -> [Tensor?] {
  var offset = 0
  return try ins.map { input in
    switch input {
    case .known(let x):
      offset += x.shape[dim]
      return nil
    case .linear(let x):
      defer { offset += x.shape[dim] }
      return try slice(ct, axis: dim, from: offset, to: offset + x.shape[dim])
    }
  }
}

/// Puts `ct` back where the slice was taken, zeros elsewhere.
func sliceTranspose(
  _ ct: Tensor, to x: ShapedArray, start: [Int], limit: [Int], strides: [Int]
) throws -> Tensor {
  let config = x.shape.indices.map { axis in
    let taken = ct.shape[axis]
    let covered = taken == 0 ? 0 : (taken - 1) * strides[axis] + 1
    return PaddingConfig(
      start[axis], x.shape[axis] - start[axis] - covered, strides[axis] - 1)
  }
  return try bind1(.pad(config), [ct, real(0, ct)])
}

/// The operand gets the elements of `ct` at its own places, the padding value the sum of the rest.
func padTranspose(
  _ ct: Tensor, _ x: LinearInput, _ value: LinearInput, _ config: [PaddingConfig]
) throws -> [Tensor?] {
  let uncropped = config.map { PaddingConfig(-$0.low, -$0.high) }
  let inner = try bind1(.pad(uncropped), [ct, real(0, ct)])
  let own = try bind1(
    .slice(
      start: inner.shape.map { _ in 0 }, limit: inner.shape,
      strides: config.map { $0.interior + 1 }), [inner])
  let toOperand: Tensor? = if case .linear = x { own } else { nil }
  guard case .linear = value else { return [toOperand, nil] }
  return [toOperand, try sum(ct) - sum(own)]
}
