// What the errors say: which argument, what it was, which part does not fit, what each name stands
// for and who said so.

import Annotations
import Core
import Testing
import Tree

/// The text of the error that `check` ends with, after the steps before it passed.
private func failure(_ steps: (String, Annotated)...) -> String? {
  var scope = ShapeScope("f")
  for (index, step) in steps.enumerated() {
    do {
      try scope.check(step.0, step.1)
    } catch {
      return index == steps.count - 1 ? "\(error)" : "step \(index): \(error)"
    }
  }
  return nil
}

private func f32(_ shape: Int...) -> Tensor {
  Tensor(
    shape: shape,
    Storage(rounding: Array(repeating: 0, count: shape.reduce(1, *)), to: .f32))
}

@Suite struct ShapeErrorTests {
  @Test func `a name is shown with its extent and the argument that bound it`() {
    #expect(
      failure(
        ("query", f32(2, 3).is(.float("seq dim"))), ("key", f32(5, 4).is(.float("kv dim"))))
        == "f: key is f32[5,4], not Float \"kv dim\": axis 1 has extent 4, not dim=3 as in query; "
        + "bindings: seq=2 (query), dim=3 (query)")
  }

  @Test func `ranks, fixed extents and dtypes are named`() {
    #expect(
      failure(("x", f32(2).is(.float("a b"))))
        == "f: x is f32[2], not Float \"a b\": it has 1 axis, the annotation has 2; bindings: none")
    #expect(
      failure(("x", f32(2).is(.float("a b ... c"))))
        == "f: x is f32[2], not Float \"a b ... c\": it has 1 axis, the annotation needs at least 3; "
        + "bindings: none")
    #expect(
      failure(("x", f32(2, 5).is(.float("a rows=3"))))
        == "f: x is f32[2,5], not Float \"a rows=3\": axis 1 has extent 5, not 3; bindings: none")
    #expect(
      failure(("x", Tensor(0, .i32).is(.inexact(""))))
        == "f: x is i32[], not Inexact \"\": its dtype is i32; bindings: none")
  }

  @Test func `an expression is shown with its value`() {
    #expect(
      failure(("x", f32(6).is(.float("a"))), ("y", f32(6).is(.float("a-1"))))
        == "f: y is f32[6], not Float \"a-1\": axis 0 has extent 6, not a-1=5; bindings: a=6 (x)")
    #expect(
      failure(("x", f32(5).is(.float("a"))), ("y", f32(2).is(.float("a/2"))))
        == "f: y is f32[2], not Float \"a/2\": axis 0 has extent 2, not a/2=2.5; bindings: a=5 (x)")
  }

  @Test func `axes after a run are counted from the front`() {
    #expect(
      failure(("x", f32(7, 8, 9, 4).is(.float("... 3"))))
        == "f: x is f32[7,8,9,4], not Float \"... 3\": axis 3 has extent 4, not 3; bindings: none")
  }

  @Test(arguments: [
    ("*r", "*r", "not *r=(2, 3) as in x"),
    ("*#r", "*#r", "which cannot be broadcast with *r=(2, 3) as in x"),
    ("*#r", "*r", "to which *r=(2, 3) as in x cannot be broadcast"),
    ("*r", "*#r", "which cannot be broadcast to *r=(2, 3) as in x"),
  ])
  func `a run is shown whole`(first: String, second: String, reason: String) {
    let other = first == "*#r" && second == "*#r" ? f32(4) : f32(5, 1, 3)
    let text = failure(("x", f32(2, 3).is(.float(first))), ("y", other.is(.float(second))))
    let axes = pythonTuple(other.shape)
    #expect(
      text
        == "f: y is \(other.aval), not Float \"\(second)\": the axes of *r are \(axes), \(reason); "
        + "bindings: *r=(2, 3) (x)")
  }

  @Test func `a leaf is named by its path`() {
    #expect(
      failure(("xs", [f32(2), f32(3)].is(.float("a"))))
        == "f: xs[1] is f32[3], not Float \"a\": axis 0 has extent 3, not a=2 as in xs[0]; "
        + "bindings: a=2 (xs[0])")
    #expect(
      failure(
        ("xs", [f32(2), f32(3)].is(.float("?a"), structure: "T")),
        ("ys", [f32(2), f32(4)].is(.float("?a"), structure: "T")))
        == "f: ys[1] is f32[4], not Float \"?a\": axis 0 has extent 4, not a[T[1]]=3 as in xs[1]; "
        + "bindings: a[T[0]]=2 (xs[0]), a[T[1]]=3 (xs[1])")
    #expect(
      failure(
        ("xs", [f32(2), f32(3)].is(.float("_"), structure: "T")),
        ("ys", [f32(2)].is(.float("_"), structure: "T")))
        == "f: ys is a tree, not Float \"_\": its structure is not T as in xs; "
        + "bindings: none")
    #expect(
      failure(("xs", Tuple(f32(2), 3).is(.float("a"))))
        == "f: xs[1] is an int, not Float \"a\": it is no array; bindings: a=2 (xs[0])")
  }

  @Test(arguments: [
    ("a,b", "a,b", "axes are separated by spaces, not by commas"),
    ("*a b ...", "*a b ...", "at most one of its words may take several axes (`*name` or `...`)"),
    ("a b#", "b#", "# stands before the name it makes broadcastable"),
    ("a *", "*", "a name is missing"),
    ("rows=", "rows=", "a name is missing"),
    ("a...", "a...", "`...` stands alone"),
    ("##a", "##a", "# stands at most once before a name"),
    ("*4", "*4", "* cannot stand before a number"),
    ("?a+1", "?a+1", "? cannot stand before an expression"),
    ("#_a", "#_a", "# cannot stand before an axis without a name"),
    (
      "a+*b", "a+*b",
      "an axis is a number, a name, or names with + - * / // % ** ( ) min max; stopped at `*b`"
    ),
    (
      "(a", "(a",
      "an axis is a number, a name, or names with + - * / // % ** ( ) min max; stopped at its end"
    ),
    (
      "len(a)", "len(a)",
      "an axis is a number, a name, or names with + - * / // % ** ( ) min max; stopped at `a)`"
    ),
  ])
  func `a text that cannot be read is quoted with the rule it breaks`(
    text: String, quoted: String, reason: String
  ) {
    #expect(throws: (any Error).self) { try ShapeAnnotation.float(text).validate() }
    #expect(failure(("x", f32().is(.float(text)))) == "annotation \"\(quoted)\": \(reason)")
  }

  @Test func `an annotation that cannot be evaluated says why`() {
    #expect(
      failure(("x", f32(3).is(.float("a+1"))))
        == "annotation \"a+1\": a is not bound yet; use expressions of names that stand in earlier "
        + "arguments")
    #expect(
      failure(("x", f32(3).is(.float("{n}"))))
        == "annotation \"{n}\": {n} is no number among the arguments")
    #expect(
      failure(("x", f32(3).is(.float("3//0")))) == "annotation \"3//0\": it divides by zero")
    #expect(
      failure(("x", f32(3).is(.float("?a"))))
        == "annotation \"?a\": ? stands only in annotations of trees that name their structure")
  }
}
