// `@Module`: the visitor of a struct, from its stored properties in the order of declaration.
//
// The expansion is what one would write by hand, and nothing else: leaves, paths and definitions are
// derived from it. Whatever the macro cannot see or show is an error of two sentences: what is wrong,
// what to write. A property that was silently left out would be a parameter that is never trained.

#if Macros
  package import SwiftSyntax
  package import SwiftSyntaxMacros
  import SwiftDiagnostics
  import SwiftSyntaxBuilder

  /// Conformance to Module, by a visitor of every stored property.
  package struct ModuleMacro: ExtensionMacro {
    package static func expansion(
      of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
      providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
      in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
      guard declaration.is(StructDeclSyntax.self) else {
        context.diagnose(ModuleFault.notAStruct.diagnostic(at: node))
        return []
      }
      let (fields, faults) = Field.all(in: declaration.memberBlock.members)
      guard faults.isEmpty else {
        faults.forEach(context.diagnose)
        return []
      }
      return [try visitor(of: type, protocols, access(of: declaration), fields)]
    }

    private static func visitor(
      of type: some TypeSyntaxProtocol, _ protocols: [TypeSyntax], _ access: String,
      _ fields: [Field]
    ) throws -> ExtensionDeclSyntax {
      let conformance = protocols.map(\.trimmedDescription).joined(separator: ", ")
      let header = conformance.isEmpty ? "" : ": \(conformance)"
      let visits = fields.map(\.visit).joined(separator: "\n    ")
      return try ExtensionDeclSyntax(
        """
        extension \(type.trimmed)\(raw: header) {
          \(raw: access)mutating func visitFields(_ visitor: FieldVisitor) {
            \(raw: visits)
          }
        }
        """)
    }

    /// A witness is as visible as its type, up to the protocol's own visibility.
    private static func access(of declaration: some DeclGroupSyntax) -> String {
      let names = declaration.modifiers.map(\.name.text)
      return names.first { $0 == "public" || $0 == "package" }.map { $0 + " " } ?? ""
    }
  }

  /// The mark alone; `@Module` reads it.
  package struct StaticMacro: PeerMacro {
    package static func expansion(
      of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol,
      in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
      let isField = declaration.as(VariableDeclSyntax.self)?.isStoredInInstances ?? false
      if !isField { context.diagnose(ModuleFault.staticOfNoField.diagnostic(at: node)) }
      return []
    }
  }
#endif
