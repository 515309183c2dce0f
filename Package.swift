// swift-tools-version: 6.0
import PackageDescription

// Data flows one way: images → crops → tokens → model → objective → optimiser → metrics → wire →
// screen. Imports run only backwards along it; docs/ARCHITECTURE.md draws the picture.

/// Vector kernels are written with SIMD types, which are only fast when the compiler may use the
/// vector units of the machine it builds on. `make build` builds for the machine it runs on.
let native: [SwiftSetting] = [
  .unsafeFlags(["-Xcc", "-march=native"], .when(configuration: .release))
]

/// One module map and shim for each C library.
func system(_ name: String, link: [String]) -> Target {
  .target(
    name: name, path: "Sources/System/\(name)",
    linkerSettings: link.map { .linkedLibrary($0) })
}

/// A part of the product and the parts it builds on.
func part(_ name: String, _ uses: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: uses, swiftSettings: native)
}

/// The tests of a part mirror its folder; `ProgramTests` drive the two programs as a user does.
func tests(_ name: String, _ uses: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: uses, resources: resources, swiftSettings: native)
}

let package = Package(
  name: "Dino",
  products: [
    .executable(name: "dinod", targets: ["dinod"]),
    .executable(name: "dino", targets: ["dino"]),
  ],
  targets: [
    system("COpenBLAS", link: ["openblas"]),
    system("CVector", link: []),
    system("CTiles", link: []),
    system("CClosure", link: []),
    system("CFloat", link: []),
    system("CMalloc", link: []),
    system("CZeroMQ", link: ["zmq"]),
    system("CNCurses", link: ["ncursesw", "tinfo"]),
    system("CYAML", link: ["yaml"]),
    system("CSQLite", link: ["sqlite3"]),
    system("CTurboJPEG", link: ["jpeg"]),
    system("CPNG", link: ["png16"]),
    system("CXXHash", link: ["xxhash"]),
    system("CZip", link: ["zip"]),

    part("Tensor", ["CClosure", "CFloat"]),
    part("Metrics"),
    part("Kernels", ["Tensor"]),
    part("KernelsCPU", ["Kernels", "Tensor", "COpenBLAS", "CVector", "CTiles"]),
    part("Recipe", ["CYAML"]),
    part("Images", ["CTurboJPEG", "CPNG"]),
    part("Crops", ["Images", "Tensor", "Recipe"]),
    part("Model", ["Kernels", "Tensor"]),
    part("Objective", ["Kernels", "Tensor"]),
    part("Optimiser", ["Kernels", "Tensor", "Model", "Recipe", "Metrics"]),
    part("Store", ["Tensor", "Metrics", "CXXHash"]),
    part("Evaluation", ["Tensor", "Kernels", "Metrics", "Model", "Images", "Crops", "Store"]),
    part("History", ["Metrics", "CSQLite"]),
    part("Weights", ["Tensor", "Metrics", "Recipe", "Model", "Store", "History", "CZip"]),
    part("Wire", ["Metrics", "CZeroMQ"]),
    part(
      "Trainer",
      [
        "Tensor", "Kernels", "Recipe", "Images", "Crops", "Model", "Objective", "Optimiser",
        "Metrics", "Store", "History", "Weights", "Evaluation",
      ]),
    part("Screen", ["Wire", "Metrics", "History", "CNCurses"]),
    .executableTarget(
      name: "dinod",
      dependencies: [
        "Trainer", "KernelsCPU", "Wire", "History", "Store", "Recipe", "Metrics", "Crops",
        "Images", "Evaluation", "Model", "Kernels", "Tensor", "Optimiser", "Weights", "CMalloc",
      ],
      swiftSettings: native),
    .executableTarget(
      name: "dino", dependencies: ["Screen", "Wire", "History", "Metrics"],
      swiftSettings: native),

    .target(name: "TestSupport", path: "Tests/TestSupport"),
    tests("Tensor", ["Tensor"]),
    tests("KernelsCPU", ["KernelsCPU", "Kernels", "Tensor"]),
    tests("Recipe", ["Recipe", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("Images", ["Images"], resources: [.copy("Fixtures")]),
    tests("Crops", ["Crops", "Images", "Tensor", "Recipe"]),
    tests("Model", ["Model", "KernelsCPU", "Kernels", "Tensor", "Recipe"]),
    tests("Objective", ["Objective", "KernelsCPU", "Kernels", "Tensor"]),
    tests("Optimiser", ["Optimiser", "Model", "KernelsCPU", "Kernels", "Tensor", "Recipe"]),
    tests("Metrics", ["Metrics"]),
    tests("Store", ["Store", "Tensor", "Metrics", "TestSupport"]),
    tests(
      "Evaluation",
      [
        "Evaluation", "KernelsCPU", "Kernels", "Tensor", "Model", "Images", "Crops", "Store",
        "TestSupport",
      ]),
    tests("History", ["History", "Metrics", "TestSupport"]),
    tests(
      "Weights", ["Weights", "Model", "Store", "Tensor", "Recipe", "History", "TestSupport"],
      resources: [.copy("Fixtures")]),
    tests("Wire", ["Wire", "Metrics", "TestSupport"]),
    // Counts what the C library's allocator is asked for.
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    tests(
      "Trainer",
      [
        "Trainer", "KernelsCPU", "Kernels", "Tensor", "Model", "Objective", "Optimiser", "Recipe",
        "Crops", "Store", "Metrics", "History", "CAllocations", "TestSupport",
      ], resources: [.copy("Fixtures")]),
    tests("Screen", ["Screen", "Wire", "History", "Metrics", "TestSupport"]),
    tests("Program", ["Wire", "Metrics", "History", "Images", "Store"]),
  ],
  swiftLanguageModes: [.v6]
)
