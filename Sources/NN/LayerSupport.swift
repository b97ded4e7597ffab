// What the layers share: how weights start, how dtypes meet, how an error is raised.
//
// Weights of every dense and convolutional layer are uniform in [−limit, limit), drawn from a key of
// their own (rules LA-01, LA-02, LA-04), bit for bit as Equinox draws them.

internal import Core
internal import Random
public import Tree

/// An activation stands among layers, and where a layer does.
extension Function: PlainLayer {}

/// Numbers uniform in [−limit, limit): the start of a weight.
func initial(_ key: Key, _ shape: [Int], _ dtype: DType, limit: Double) throws -> Tensor {
  guard dtype.isInexact else {
    throw LayerError.badArgument(
      "dtype of a layer must be a float dtype, got \(dtype.longName)")
  }
  return try key.uniform(shape, dtype, from: -limit, to: limit)
}

/// Both in one floating-point dtype: the wider of the two, and that of the other for whole numbers.
func promoted(_ x: Tensor, _ y: Tensor) throws -> (Tensor, Tensor) {
  switch (x.dtype.isInexact, y.dtype.isInexact) {
  case (true, true):
    let dtype = x.dtype == y.dtype ? x.dtype : .f64
    return (try x.asType(dtype), try y.asType(dtype))
  case (false, true): return (try x.asType(y.dtype), y)
  case (true, false): return (x, try y.asType(x.dtype))
  case (false, false): return (x, y)
  }
}

/// `x` in f32 or wider, in which normalisations are computed.
func atLeastSingle(_ x: Tensor) throws -> Tensor { try x.dtype == .f64 ? x : x.asType(.f32) }

/// Throws `message` as a wrong argument of an initialiser unless `condition` holds.
func demand(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  if !condition { throw LayerError.badArgument(message()) }
}

/// Throws `message` as a wrong input of a call unless `condition` holds.
func demandInput(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  if !condition { throw LayerError.badInput(message()) }
}
