// `@Module` and `@Static`: the visitor, written by the compiler. Only under the package trait
// `Macros`, since a macro needs swift-syntax and that takes minutes to build; the modules of this
// package write their visitors by hand.

#if Macros
  /// Makes a struct a module: every stored property is a field, or a constant if it is `@Static`.
  ///
  /// ```swift
  /// @Module
  /// struct Linear {
  ///   var weight: Tensor
  ///   var bias: Tensor?
  ///   @Static let inFeatures: Int
  /// }
  /// ```
  ///
  /// expands to
  ///
  /// ```swift
  /// extension Linear: Module {
  ///   mutating func visitFields(_ visitor: FieldVisitor) {
  ///     visitor.field("weight", &self.weight)
  ///     visitor.field("bias", &self.bias)
  ///     visitor.constant("inFeatures", self.inFeatures)
  ///   }
  /// }
  /// ```
  @attached(extension, conformances: Module, PyTree, names: named(visitFields))
  public macro Module() = #externalMacro(module: "Macros", type: "ModuleMacro")

  /// Marks a stored property of a `@Module` as structure: part of its tree definition, and no leaf.
  @attached(peer)
  public macro Static() = #externalMacro(module: "Macros", type: "StaticMacro")
#endif
