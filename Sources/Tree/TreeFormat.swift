// Trees as text: as Equinox's tree_pformat, and definitions as JAX prints them.

import Core

/// `tree` as text: `Linear(weight=f32[3,2], bias=f32[3], …)`.
/// - Parameters:
///   - width: how long a line may be.
///   - indent: how far the parts of a broken node are indented.
///   - values: whether the elements of tensors are printed.
public func treeFormat<T: PyTree>(
  _ tree: T, width: Int = 80, indent: Int = 2, values: Bool = false
) -> String {
  tree.outline.layout(indent: indent, values: values).rendered(width: width)
}

/// A part of a tree as text: the tree with `None` for what is elsewhere.
/// - Parameters:
///   - width: how long a line may be.
///   - indent: how far the parts of a broken node are indented.
///   - values: whether the elements of tensors are printed.
public func treeFormat<T: PyTree>(
  _ part: PartialTree<T>, width: Int = 80, indent: Int = 2, values: Bool = false
) -> String {
  let leaves = part.values.map { leaf in leaf.map { DynamicTree.leaf($0) } ?? .none }
  return part.like.outline.replacingLeaves(with: leaves)
    .layout(indent: indent, values: values).rendered(width: width)
}

extension DynamicTree: CustomStringConvertible {
  /// The tree as `treeFormat` prints it.
  public var description: String { treeFormat(self) }

  fileprivate func layout(indent: Int, values: Bool) -> Layout {
    func inner(_ tree: DynamicTree) -> Layout { tree.layout(indent: indent, values: values) }
    switch self {
    case .leaf(let leaf): return .text(leaf.text(values: values))
    case .none: return .text("None")
    case .list(let elements):
      return .bracketed("[", elements.map(inner), "]", indent: indent)
    case .tuple(let elements):
      // Python's tuple of one element keeps its comma.
      let parts = elements.map(inner)
      let single = parts.count == 1 ? parts.map { .sequence([$0, .text(",")]) } : parts
      return .bracketed("(", single, ")", indent: indent)
    case .dictionary(let values):
      let parts = values.inKeyOrder.map { key, value in
        Layout.sequence([.text(pythonText(key) + ":"), .lineBreak(" "), inner(value)])
      }
      return .bracketed("{", parts, "}", indent: indent)
    case .node(let name, let fields):
      let parts = fields.map { field in
        Layout.sequence([.text(field.name + "="), field.layout(inner)])
      }
      return .bracketed(name + "(", parts, ")", indent: indent)
    }
  }
}

extension DynamicTree.Field {
  fileprivate func layout(_ inner: (DynamicTree) -> Layout) -> Layout {
    switch content {
    case .tree(let tree): inner(tree)
    case .constant(let value): .text(value.description)
    }
  }
}

extension Leaf {
  /// As Python prints the value; a tensor by its type, or with its elements.
  func text(values: Bool) -> String {
    switch self {
    case .tensor(let tensor): values ? tensor.nestedText : tensor.aval.description
    case .bool(let bit): StaticValue(.bool(bit)).description
    case .int(let number): "\(number)"
    case .double(let number): "\(number)"
    case .string(let text): pythonText(text)
    case .function(let function): function.description
    }
  }
}

extension Tensor {
  /// `f32[2] [1.0, 2.0]`, or what holds the tensor while it is traced.
  fileprivate var nestedText: String {
    guard let scalars = try? scalars else { return description }
    let texts = scalars.map { dtype == .bool ? ($0 == 1 ? "True" : "False") : number($0) }
    return "\(aval) \(nested(texts[...], shape[...]))"
  }

  private func number(_ x: Double) -> String {
    switch dtype {
    case .f32: "\(Float(x))"
    case .f64: "\(x)"
    case .i32, .u32, .bool: "\(Int(x))"
    }
  }
}

/// `texts` in brackets, one pair per row.
private func nested(_ texts: ArraySlice<String>, _ shape: ArraySlice<Int>) -> String {
  guard let count = shape.first else { return texts.first ?? "" }
  let stride = count == 0 ? 0 : texts.count / count
  let rows = (0..<count).map { i in
    nested(texts.dropFirst(i * stride).prefix(stride), shape.dropFirst())
  }
  return "[" + rows.joined(separator: ", ") + "]"
}

extension TreeDef: CustomStringConvertible {
  /// As JAX prints a definition: `PyTreeDef([*, {'a': *, 'b': None}])`; a module with its constants.
  public var description: String {
    var entries = entries[...]
    return "PyTreeDef(\(Self.text(&entries)))"
  }

  private static func text(_ rest: inout ArraySlice<Entry>) -> String {
    guard let entry = rest.popFirst() else { return "" }
    switch entry {
    case .leaf: return "*"
    case .none: return "None"
    case .array(let count): return "[\(texts(count, &rest).joined(separator: ", "))]"
    case .tuple(let count):
      return "(\(texts(count, &rest).joined(separator: ", "))\(count == 1 ? "," : ""))"
    case .dictionary(let keys):
      let parts = zip(keys, texts(keys.count, &rest)).map { "\(pythonText($0)): \($1)" }
      return "{\(parts.joined(separator: ", "))}"
    case .node(let type):
      var (constants, children) = ([String](), [String]())
      while let next = rest.first, next != .end {
        if case .constant(_, let value) = next {
          constants.append(value.description)
          rest.removeFirst()
        } else {
          children.append(text(&rest))
        }
      }
      rest = rest.dropFirst()
      let data = "(" + constants.joined(separator: ", ") + (constants.count == 1 ? ",)" : ")")
      return "CustomNode(\(type.name)[\(data)], [\(children.joined(separator: ", "))])"
    case .map(let definition):
      let children = texts(definition.leafCount, &rest).joined(separator: ", ")
      return "LeafMap(\(definition), [\(children)])"
    case .constant, .end: return ""
    }
  }

  private static func texts(_ count: Int, _ rest: inout ArraySlice<Entry>) -> [String] {
    (0..<count).map { _ in text(&rest) }
  }
}
