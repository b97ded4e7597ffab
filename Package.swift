// swift-tools-version: 6.2
import CompilerPluginSupport
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let macros = TargetDependencyCondition.when(traits: ["Macros"])

let package = Package(
  name: "assay",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Assay", targets: ["Assay"]),
    .executable(name: "assay", targets: ["AssayCommand"]),
  ],
  traits: [
    .trait(
      name: "Macros", description: "@Module and @Static; builds swift-syntax, which takes minutes.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // Fetched only under the trait.
    .package(url: "https://github.com/swiftlang/swift-syntax", from: "603.0.1"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .target(
      name: "Core",
      dependencies: [.product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: settings),
    .target(name: "CKernels"),
    .target(name: "Random", dependencies: ["Core"], swiftSettings: settings),
    .target(name: "Annotations", dependencies: ["Core", "Tree"], swiftSettings: settings),
    .target(name: "HDF5Storage", dependencies: ["Core", "CHDF5"], swiftSettings: settings),
    .target(
      name: "OpenBLASBackend",
      dependencies: [
        "CKernels", "Core", "COpenBLAS", .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: settings),
    .macro(
      name: "Macros",
      dependencies: [
        .product(name: "SwiftSyntaxMacros", package: "swift-syntax", condition: macros),
        .product(name: "SwiftCompilerPlugin", package: "swift-syntax", condition: macros),
      ],
      swiftSettings: settings),
    .target(
      name: "Tree", dependencies: ["Core", .target(name: "Macros", condition: macros)],
      swiftSettings: settings),
    .target(name: "NN", dependencies: ["Core", "Random", "Tree"], swiftSettings: settings),
    .target(name: "Optim", dependencies: ["Core", "Tree"], swiftSettings: settings),
    .target(
      name: "Serialisation", dependencies: ["Core", "HDF5Storage", "Tree"], swiftSettings: settings),
    .target(name: "Charts", swiftSettings: settings),
    .target(
      name: "Training",
      dependencies: [
        "Charts", "Core", "Environment", "HDF5Storage", "NN", "Optim", "Random", "Serialisation",
        "Tree",
      ],
      swiftSettings: settings),
    .target(
      name: "Catalogue", dependencies: ["Core", "NN", "Optim", "Random", "Tree"],
      swiftSettings: settings),
    .target(
      name: "Environment", dependencies: ["HDF5Storage", "OpenBLASBackend"],
      swiftSettings: settings),
    .target(
      name: "Oracle", dependencies: ["Core", "HDF5Storage", "Catalogue"], swiftSettings: settings),
    .target(
      name: "Assay",
      dependencies: [
        "Annotations", "Catalogue", "Charts", "Core", "Environment", "NN", "OpenBLASBackend",
        "Optim", "Oracle", "Random", "Serialisation", "Training", "Tree",
      ]),
    .executableTarget(
      name: "Tour", dependencies: ["Assay"], path: "Examples/Tour", swiftSettings: settings),
    .target(
      name: "Tutorial", dependencies: ["Assay"], path: "Examples/Tutorial",
      swiftSettings: settings),
    .target(
      name: "Status", dependencies: ["Core", "Catalogue", "OpenBLASBackend", "Oracle"],
      swiftSettings: settings),
    .executableTarget(
      name: "AssayCommand",
      dependencies: [
        "Core", "Environment", "HDF5Storage", "OpenBLASBackend", "Catalogue", "Oracle", "Status",
        "Tutorial",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .target(
      name: "TestSupport",
      dependencies: ["Core", "HDF5Storage", "OpenBLASBackend", "Catalogue", "Oracle"],
      path: "Tests/Support", swiftSettings: settings),
    .testTarget(
      name: "PropertyTests", dependencies: ["Status", "TestSupport"], path: "Tests/Property",
      swiftSettings: settings),
    .testTarget(
      name: "GoldenTests", dependencies: ["TestSupport"], path: "Tests/Golden",
      swiftSettings: settings),
    .testTarget(
      name: "RandomTests", dependencies: ["Random", "TestSupport"], path: "Tests/Random",
      swiftSettings: settings),
    .testTarget(
      name: "TreeTests", dependencies: ["TestSupport", "Tree"], path: "Tests/Tree",
      swiftSettings: settings),
    .testTarget(
      name: "NNTests", dependencies: ["NN", "TestSupport", "Tour"], path: "Tests/NN",
      swiftSettings: settings),
    .testTarget(
      name: "OptimTests", dependencies: ["Optim", "TestSupport", "Tree"], path: "Tests/Optim",
      swiftSettings: settings),
    .testTarget(
      name: "SerialisationTests",
      dependencies: [
        "Catalogue", "HDF5Storage", "NN", "Random", "Serialisation", "TestSupport", "Tree",
      ],
      path: "Tests/Serialisation", swiftSettings: settings),
    .testTarget(
      name: "TrainingTests", dependencies: ["AssayCommand", "TestSupport", "Training", "Tour"],
      path: "Tests/Training", swiftSettings: settings),
    .testTarget(
      name: "BadInputTests", dependencies: ["TestSupport", "AssayCommand"], path: "Tests/BadInput",
      swiftSettings: settings),
    .testTarget(
      name: "EnvironmentTests", dependencies: ["AssayCommand", "Environment", "TestSupport"],
      path: "Tests/Environment", swiftSettings: settings),
    .testTarget(
      name: "MacroTests",
      dependencies: [
        "Core", "Macros", "Tree",
        .product(
          name: "SwiftSyntaxMacrosGenericTestSupport", package: "swift-syntax", condition: macros),
      ],
      path: "Tests/Macros", swiftSettings: settings),
    .testTarget(
      name: "AnnotationTests", dependencies: ["Annotations", "Core", "Tree"],
      path: "Tests/Annotations",
      swiftSettings: settings),
  ]
)
