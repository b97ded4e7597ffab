// The expansion of @Module, and what it refuses.

#if Macros
  import Macros
  import SwiftSyntax
  import SwiftSyntaxBuilder
  import SwiftSyntaxMacroExpansion
  import SwiftSyntaxMacrosGenericTestSupport
  import Testing

  /// Expands `source` and compares text and diagnostics.
  private func expect(
    _ source: String, expandsTo expanded: String, diagnostics: [DiagnosticSpec] = [],
    applying fixIts: [String]? = nil, gives fixed: String? = nil,
    conformances: [TypeSyntax] = ["Module"],
    _ location: Testing.SourceLocation = #_sourceLocation
  ) {
    assertMacroExpansion(
      source, expandedSource: expanded, diagnostics: diagnostics,
      macroSpecs: [
        "Module": MacroSpec(type: ModuleMacro.self, conformances: conformances),
        "Static": MacroSpec(type: StaticMacro.self),
      ],
      applyFixIts: fixIts, fixedSource: fixed, indentationWidth: .spaces(2),
      failureHandler: { Issue.record("\($0.message)", sourceLocation: location) })
  }

  @Suite struct ModuleMacroTests {
    @Test func `fields and constants are shown in the order of declaration`() {
      expect(
        """
        @Module
        public struct Linear {
          public var weight: Tensor
          @Static public let inFeatures: Int
          public var bias: Tensor?
          var gain = 1.0, offset = 0.0
        }
        """,
        expandsTo: """
          public struct Linear {
            public var weight: Tensor
            public let inFeatures: Int
            public var bias: Tensor?
            var gain = 1.0, offset = 0.0
          }

          extension Linear: Module {
            public mutating func visitFields(_ visitor: FieldVisitor) {
              visitor.field("weight", &self.weight)
              visitor.constant("inFeatures", self.inFeatures)
              visitor.field("bias", &self.bias)
              visitor.field("gain", &self.gain)
              visitor.field("offset", &self.offset)
            }
          }
          """)
    }

    @Test func `a struct that conforms already gets the visitor alone`() {
      expect(
        """
        @Module
        struct Scale: Module {
          var factor: Tensor
        }
        """,
        expandsTo: """
          struct Scale: Module {
            var factor: Tensor
          }

          extension Scale {
            mutating func visitFields(_ visitor: FieldVisitor) {
              visitor.field("factor", &self.factor)
            }
          }
          """,
        conformances: [])
    }

    @Test func `what is not stored in a value is no field`() {
      expect(
        """
        @Module
        struct Net {
          static var count = 0
          static let limit = 3
          var layers: [Linear] {
            didSet { check() }
          }
          var depth: Int { layers.count }
          var first: Linear {
            get { layers[0] }
            set { layers[0] = newValue }
          }
          func callAsFunction(_ x: Tensor) -> Tensor { x }
        }
        """,
        expandsTo: """
          struct Net {
            static var count = 0
            static let limit = 3
            var layers: [Linear] {
              didSet { check() }
            }
            var depth: Int { layers.count }
            var first: Linear {
              get { layers[0] }
              set { layers[0] = newValue }
            }
            func callAsFunction(_ x: Tensor) -> Tensor { x }
          }

          extension Net: Module {
            mutating func visitFields(_ visitor: FieldVisitor) {
              visitor.field("layers", &self.layers)
            }
          }
          """)
    }

    @Test func `names that are keywords or the visitor's stay apart`() {
      expect(
        """
        @Module
        package struct Odd {
          var `default`: Tensor
          var visitor: Tensor
        }
        """,
        expandsTo: """
          package struct Odd {
            var `default`: Tensor
            var visitor: Tensor
          }

          extension Odd: Module {
            package mutating func visitFields(_ visitor: FieldVisitor) {
              visitor.field("default", &self.`default`)
              visitor.field("visitor", &self.visitor)
            }
          }
          """)
    }

    @Test(arguments: [
      ("make it 'var'", "public var w: Tensor"),
      ("mark it @Static", "@Static public let w: Tensor"),
    ])
    func `a leaf that is let has two ways out`(fixIt: String, line: String) {
      expect(
        """
        @Module
        struct Linear {
          public let w: Tensor
        }
        """,
        expandsTo: """
          struct Linear {
            public let w: Tensor
          }
          """,
        diagnostics: [
          DiagnosticSpec(
            message: "'w' is a leaf and must be 'var'. Mark it @Static if it is structure.",
            line: 3, column: 10,
            fixIts: [
              FixItSpec(message: "make it 'var'"), FixItSpec(message: "mark it @Static"),
            ])
        ],
        applying: [fixIt],
        gives: """
          @Module
          struct Linear {
            \(line)
          }
          """)
    }

    @Test(arguments: ["final class", "enum", "actor"])
    func `only structs are modules`(kind: String) {
      expect(
        "@Module\n\(kind) Linear {\n}",
        expandsTo: "\(kind) Linear {\n}",
        diagnostics: [
          DiagnosticSpec(
            message:
              "@Module applies to structs, because a tree is a value. Make this a struct, or "
              + "conform to PyTree by hand.", line: 1, column: 1)
        ])
    }

    @Test(arguments: [
      (
        "var (a, b) = pair", 7,
        "'(a, b)' declares several fields by one pattern. Declare each by its own name."
      ),
      (
        "lazy var a = make()", 3,
        "'a' is lazy and has no value until it is read. Make it a plain 'var', or compute it."
      ),
      (
        "#if DEBUG\n  var a: Tensor\n  #endif", 3,
        "@Module does not see stored properties inside #if. Move them out of it, or write "
          + "visitFields by hand."
      ),
      (
        "func visitFields(_ visitor: FieldVisitor) {}", 8,
        "@Module writes visitFields, and here is another one. Remove either."
      ),
    ])
    func `what cannot be shown is refused`(member: String, column: Int, message: String) {
      expect(
        "@Module\nstruct Linear {\n  \(member)\n}",
        expandsTo: "struct Linear {\n  \(member)\n}",
        diagnostics: [DiagnosticSpec(message: message, line: 3, column: column)])
    }

    @Test(arguments: ["var a: Int { 3 }", "static let a = 3", "func a() {}"])
    func `only stored properties are structure`(member: String) {
      expect(
        "struct Linear {\n  @Static \(member)\n}",
        expandsTo: "struct Linear {\n  \(member)\n}",
        diagnostics: [
          DiagnosticSpec(
            message:
              "@Static applies to stored properties of a @Module. Remove it: everything else "
              + "is no field.", line: 2, column: 3)
        ])
    }
  }
#endif
