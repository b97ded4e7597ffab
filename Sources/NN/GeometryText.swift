// How the geometry of a convolution or a pool is printed within a tree: as Equinox prints the fields
// that it stands for, in Python's notation.

import Core

extension ConvGeometry: CustomStringConvertible {
  /// What tells two geometries apart; the output padding only where there is one.
  public var description: String {
    let fields =
      [
        "inChannels=\(inChannels)", "outChannels=\(outChannels)",
        "kernelSize=\(pythonTuple(kernelSize))", "stride=\(pythonTuple(stride))",
        "padding=\(text(padding))",
      ]
      + (outputPadding.isEmpty ? [] : ["outputPadding=\(pythonTuple(outputPadding))"])
      + [
        "dilation=\(pythonTuple(dilation))", "groups=\(groups)",
        "paddingMode='\(paddingMode.rawValue)'",
      ]
    return "ConvGeometry(" + fields.joined(separator: ", ") + ")"
  }
}

extension PoolGeometry: CustomStringConvertible {
  /// What tells two geometries apart.
  public var description: String {
    "PoolGeometry(kernelSize=\(pythonTuple(kernelSize)), stride=\(pythonTuple(stride)), "
      + "padding=\(text(padding)), useCeil=\(useCeil ? "True" : "False"))"
  }
}

private func text(_ padding: WindowPadding) -> String {
  switch padding {
  case .same: "'SAME'"
  case .sameLower: "'SAME_LOWER'"
  case .valid: "'VALID'"
  case .explicit(let edges): text(edges)
  }
}

private func text(_ edges: [EdgePadding]) -> String {
  let pairs = edges.map { "(\($0.low), \($0.high))" }
  return "(" + pairs.joined(separator: ", ") + (pairs.count == 1 ? ",)" : ")")
}
