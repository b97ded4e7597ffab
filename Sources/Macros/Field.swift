// The stored properties of a struct as a macro sees them: names and marks, no types.

#if Macros
  import SwiftDiagnostics
  import SwiftSyntax

  /// One stored property.
  struct Field {
    let name: String
    let isStatic: Bool

    /// The line of the visitor that shows it. `self` keeps a property called visitor apart.
    var visit: String {
      let label = name.filter { $0 != "`" }
      return isStatic
        ? "visitor.constant(\"\(label)\", self.\(name))"
        : "visitor.field(\"\(label)\", &self.\(name))"
    }

    /// The stored properties in the order of declaration, and what is wrong with the members.
    static func all(in members: MemberBlockItemListSyntax) -> ([Field], [Diagnostic]) {
      var fields: [Field] = []
      var faults: [Diagnostic] = []
      for member in members {
        if let variable = member.decl.as(VariableDeclSyntax.self), variable.isStoredInInstances {
          let (found, wrong) = all(in: variable)
          fields += found
          faults += wrong
        } else if let condition = member.decl.as(IfConfigDeclSyntax.self), condition.storesFields {
          faults.append(ModuleFault.conditional.diagnostic(at: condition))
        } else if let function = member.decl.as(FunctionDeclSyntax.self), function.isVisitor {
          faults.append(ModuleFault.visitorByHand.diagnostic(at: function.name))
        }
      }
      return (fields, faults)
    }

    private static func all(in variable: VariableDeclSyntax) -> ([Field], [Diagnostic]) {
      if let lazy = variable.modifiers.first(where: { $0.name.text == "lazy" }) {
        return ([], [ModuleFault.lazy(variable.names).diagnostic(at: lazy)])
      }
      var fields: [Field] = []
      for binding in variable.bindings {
        guard let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier.text else {
          let text = binding.pattern.trimmedDescription
          return ([], [ModuleFault.pattern(text).diagnostic(at: binding.pattern)])
        }
        fields.append(Field(name: name, isStatic: variable.isMarkedStatic))
      }
      if variable.bindingSpecifier.text == "let", !variable.isMarkedStatic {
        return ([], [ModuleFault.constantLeaf(of: variable)])
      }
      return (fields, [])
    }
  }

  extension VariableDeclSyntax {
    /// Whether each value of the type has its own: neither a type property nor computed.
    var isStoredInInstances: Bool {
      let isOfType = modifiers.contains { $0.name.text == "static" || $0.name.text == "class" }
      return !isOfType && bindings.contains { !$0.isComputed }
    }

    /// Whether it is marked `@Static`.
    var isMarkedStatic: Bool {
      attributes.contains {
        $0.as(AttributeSyntax.self)?.attributeName.trimmedDescription == "Static"
      }
    }

    /// The names as written.
    var names: String { bindings.map(\.pattern.trimmedDescription).joined(separator: ", ") }
  }

  extension PatternBindingSyntax {
    /// Whether it has a getter; observers alone leave it stored.
    fileprivate var isComputed: Bool {
      guard let block = accessorBlock else { return false }
      switch block.accessors {
      case .getter: return true
      case .accessors(let accessors):
        let observers: Set<String> = ["willSet", "didSet"]
        return !accessors.allSatisfy { observers.contains($0.accessorSpecifier.text) }
      }
    }
  }

  extension FunctionDeclSyntax {
    fileprivate var isVisitor: Bool { name.text == "visitFields" }
  }

  extension IfConfigDeclSyntax {
    /// Whether some branch declares a stored property.
    fileprivate var storesFields: Bool {
      clauses.contains { clause in
        guard case .decls(let members) = clause.elements else { return false }
        return members.contains { member in
          member.decl.as(VariableDeclSyntax.self)?.isStoredInInstances
            ?? member.decl.as(IfConfigDeclSyntax.self)?.storesFields ?? false
        }
      }
    }
  }
#endif
