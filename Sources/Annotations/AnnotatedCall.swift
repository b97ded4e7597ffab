// A function's body between the check of its arguments and the check of its result.

public import Tree

/// Runs `body` and checks its arguments before and its result after.
///
/// ```swift
/// /// softmax(query · keyᵀ)
/// func attend(_ query: Tensor, _ key: Tensor) throws -> Tensor {
///   try annotated(
///     ["query": query.is(.float("seq dim")), "key": key.is(.float("kv dim"))],
///     returns: .float("seq kv")
///   ) {
///     try softmax(matmul(query, transpose(key)))
///   }
/// }
/// // attend(_:_:): key is f32[5,4], not Float "kv dim": axis 1 has extent 4, not dim=3 as in query;
/// // bindings: seq=2 (query), dim=3 (query)
/// ```
///
/// The words of an annotation, separated by spaces, one per axis:
///
/// | word | the axis |
/// |---|---|
/// | `3` | has this extent |
/// | `dim` | has one extent wherever `dim` stands in the call |
/// | `dim-1` | has the value of an expression of names bound before: `+ - * / // % ** ( ) min max` |
/// | `{n}` | has the number passed as `"n": .number(n)`; also in expressions |
/// | `*rest` | any number of axes, the same wherever `*rest` stands; one such word at most |
/// | `...` | any number of axes |
/// | `_`, `_dim` | anything |
/// | `#dim`, `*#rest` | as without `#`, or broadcastable: extent 1 |
/// | `rows=3` | as `3`; what stands before `=` is for the reader |
/// | `?dim` | one extent per leaf, for values that name their structure |
///
/// No word at all means a scalar. Marks combine (`*#rest`, `#?dim`).
/// - Throws: `ShapeError` for a value that does not fit, `AnnotationError` for an annotation that
///   cannot be read, and what `body` throws.
@inlinable
public func annotated<R: PyTree>(
  _ arguments: @autoclosure () -> KeyValuePairs<String, Annotated>,
  returns result: @autoclosure () -> ShapeAnnotation,
  function: StaticString = #function, _ body: () throws -> R
) throws -> R {
  guard ShapeChecks.areActive else { return try body() }
  return try checked(arguments, result, function, body)
}

/// Runs `body` and checks its arguments before and each of its results after.
///
/// The results are called `result.0`, `result.1`, … in errors.
/// - Throws: as with one result; `AnnotationError` when the numbers of results differ.
@inlinable
public func annotated<each R: PyTree>(
  _ arguments: @autoclosure () -> KeyValuePairs<String, Annotated>,
  returns results: @autoclosure () -> [ShapeAnnotation],
  function: StaticString = #function, _ body: () throws -> (repeat each R)
) throws -> (repeat each R) {
  guard ShapeChecks.areActive else { return try body() }
  return try checked(arguments, results, function, body)
}

// The checks stay out of line: the caller's code is then a load, a branch and the body.

@usableFromInline @inline(never)
func checked<R: PyTree>(
  _ arguments: () -> KeyValuePairs<String, Annotated>, _ result: () -> ShapeAnnotation,
  _ function: StaticString, _ body: () throws -> R
) throws -> R {
  var scope = try ShapeScope(function, arguments())
  let value = try body()
  try scope.check("result", value.is(result()))
  return value
}

@usableFromInline @inline(never)
func checked<each R: PyTree>(
  _ arguments: () -> KeyValuePairs<String, Annotated>, _ results: () -> [ShapeAnnotation],
  _ function: StaticString, _ body: () throws -> (repeat each R)
) throws -> (repeat each R) {
  var scope = try ShapeScope(function, arguments())
  let values = try body()
  var trees: [any PyTree] = []
  for value in repeat each values { trees.append(value) }
  try scope.check(results: trees, results())
  return values
}

extension ShapeScope {
  /// The scope after the arguments.
  fileprivate init(
    _ function: StaticString, _ arguments: KeyValuePairs<String, Annotated>
  ) throws {
    self.init("\(function)")
    for (name, value) in arguments { try check(name, value) }
  }

  fileprivate mutating func check(results: [any PyTree], _ annotations: [ShapeAnnotation])
    throws
  {
    guard results.count == annotations.count else {
      throw AnnotationError(
        "\(annotations.count) results are annotated, the function has \(results.count)",
        annotations.map(\.text).joined(separator: ", "))
    }
    for (index, (value, annotation)) in zip(results, annotations).enumerated() {
      try check("result.\(index)", value.is(annotation))
    }
  }
}
