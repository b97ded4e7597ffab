// What the compiler runs. Without the trait `Macros` there is no swift-syntax and nobody asks: the
// program then does nothing.

#if Macros
  import SwiftCompilerPlugin
  import SwiftSyntaxMacros

  @main
  struct Plugin: CompilerPlugin {
    let providingMacros: [any Macro.Type] = [ModuleMacro.self, StaticMacro.self]
  }
#else
  @main
  enum Plugin {
    static func main() {}
  }
#endif
