// What `@Module` and `@Static` refuse: what is wrong, and what to write.

#if Macros
  import SwiftDiagnostics
  import SwiftSyntax
  import SwiftSyntaxBuilder

  /// A reason to refuse, in two sentences.
  enum ModuleFault: DiagnosticMessage {
    case notAStruct
    case staticOfNoField
    case conditional
    case visitorByHand
    case lazy(String)
    case pattern(String)
    case constantLeaf(String)

    var message: String {
      switch self {
      case .notAStruct:
        "@Module applies to structs, because a tree is a value. Make this a struct, or conform to "
          + "PyTree by hand."
      case .staticOfNoField:
        "@Static applies to stored properties of a @Module. Remove it: everything else is no field."
      case .conditional:
        "@Module does not see stored properties inside #if. Move them out of it, or write "
          + "visitFields by hand."
      case .visitorByHand:
        "@Module writes visitFields, and here is another one. Remove either."
      case .lazy(let names):
        "'\(names)' is lazy and has no value until it is read. Make it a plain 'var', or compute it."
      case .pattern(let text):
        "'\(text)' declares several fields by one pattern. Declare each by its own name."
      case .constantLeaf(let names):
        "'\(names)' is a leaf and must be 'var'. Mark it @Static if it is structure."
      }
    }

    var diagnosticID: MessageID {
      let id =
        switch self {
        case .notAStruct: "notAStruct"
        case .staticOfNoField: "staticOfNoField"
        case .conditional: "conditional"
        case .visitorByHand: "visitorByHand"
        case .lazy: "lazy"
        case .pattern: "pattern"
        case .constantLeaf: "constantLeaf"
        }
      return MessageID(domain: "Assay", id: id)
    }

    var severity: DiagnosticSeverity { .error }

    func diagnostic(at node: some SyntaxProtocol) -> Diagnostic {
      Diagnostic(node: Syntax(node), message: self)
    }

    /// A leaf that is `let`, with both ways out as fix-its.
    static func constantLeaf(of variable: VariableDeclSyntax) -> Diagnostic {
      let specifier = variable.bindingSpecifier
      let mark = AttributeSyntax(
        leadingTrivia: variable.leadingTrivia, attributeName: IdentifierTypeSyntax(name: "Static"),
        trailingTrivia: .space)
      // What stood before the first word now stands before the mark.
      var marked = variable.with(\.leadingTrivia, [])
      marked.attributes.insert(.attribute(mark), at: marked.attributes.startIndex)
      return Diagnostic(
        node: Syntax(specifier), message: ModuleFault.constantLeaf(variable.names),
        fixIts: [
          FixIt(
            message: ModuleRemedy.makeVar,
            changes: [
              .replace(
                oldNode: Syntax(specifier),
                newNode: Syntax(specifier.with(\.tokenKind, .keyword(.var))))
            ]),
          FixIt(
            message: ModuleRemedy.markStatic,
            changes: [.replace(oldNode: Syntax(variable), newNode: Syntax(marked))]),
        ])
    }
  }

  /// What a fix-it does.
  enum ModuleRemedy: String, FixItMessage {
    case makeVar = "make it 'var'"
    case markStatic = "mark it @Static"

    var message: String { rawValue }
    var fixItID: MessageID { MessageID(domain: "Assay", id: "\(self)") }
  }
#endif
