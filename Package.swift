// swift-tools-version: 6.0
import Foundation
import PackageDescription

// Data flows one way: images → crops → tokens → model → objective → optimiser → metrics → wire →
// screen. Imports run only backwards along it; docs/ARCHITECTURE.md draws the picture.

/// Vector kernels are written with SIMD types, which are only fast when the compiler may use the
/// vector units of the machine it builds on. `make build` builds for the machine it runs on.
///
/// Vectors are passed only to inline functions, so the compiler need not warn that machines pass them
/// in different ways.
let native: [SwiftSetting] = [
  .unsafeFlags(["-Xcc", "-march=native", "-Xcc", "-Wno-psabi"], .when(configuration: .release))
]

/// One module map and shim for each C library.
func system(_ name: String, link: [String]) -> Target {
  .target(
    name: name, path: "Sources/System/\(name)",
    linkerSettings: link.map { .linkedLibrary($0) })
}

/// A library that decodes a format of images, and the module for it.
struct ImageLibrary {
  let module: String
  /// A header of the library, and a word that only versions with what Dino calls have in it.
  let header: String
  let word: String
  let link: [String]

  /// Whether the library can be built on. A build without it reads all other formats. The variable
  /// `DINO_WITHOUT` leaves libraries out by the names of their modules, as in `CTIFF CGIF`.
  var isThere: Bool {
    let without = (Context.environment["DINO_WITHOUT"] ?? "").split { " ,".contains($0) }
    if without.contains(where: { $0 == module }) { return false }
    let include = "/usr/include"
    let machines = (try? FileManager.default.contentsOfDirectory(atPath: include)) ?? []
    let folders =
      ["/usr/local/include", include]
      + machines.filter { $0.hasSuffix("-linux-gnu") }.map { "\(include)/\($0)" }
    return folders.contains { folder in
      let text = try? String(contentsOfFile: "\(folder)/\(header)", encoding: .utf8)
      return text?.contains(word) == true
    }
  }
}

/// Formats beyond JPEG and PNG that take a library.
let imageLibraries = [
  ImageLibrary(
    module: "CTIFF", header: "tiffio.h", word: "TIFFOpenOptionsSetMaxSingleMemAlloc",
    link: ["tiff"]),
  ImageLibrary(
    module: "CWebP", header: "webp/demux.h", word: "WebPDemuxPartial",
    link: ["webpdemux", "webp"]),
  ImageLibrary(
    module: "CGIF", header: "gif_lib.h", word: "DGifGetExtensionNext", link: ["gif"]),
].filter(\.isThere)

/// A part of the product and the parts it builds on.
func part(_ name: String, _ uses: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: uses, swiftSettings: native)
}

/// The tests of a part mirror its folder; `ProgramTests` drive the two programs as a user does.
///
/// What they test is optimised. They themselves are only where they compute much, since most take
/// longer to optimise than to run.
func tests(
  _ name: String, _ uses: [Target.Dependency], resources: [Resource] = [],
  computeMuch: Bool = false
) -> Target {
  let plain = SwiftSetting.unsafeFlags(["-Onone"], .when(configuration: .release))
  return .testTarget(
    name: "\(name)Tests", dependencies: uses, resources: resources,
    swiftSettings: native + (computeMuch ? [] : [plain]))
}

let package = Package(
  name: "Dino",
  products: [
    .executable(name: "dinod", targets: ["dinod"]),
    .executable(name: "dino", targets: ["dino"]),
    // Tests preload it into a program, which takes a library of its own; nothing links it. It is a
    // product because only products become files of their own, beside the programs and the tests.
    .library(name: "CFaults", type: .dynamic, targets: ["CFaults"]),
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
    system("CPNG", link: ["png16", "z"]),
    system("CXXHash", link: ["xxhash"]),
    system("CZip", link: ["zip"]),
    system("CArchive", link: ["archive"]),
    system("CCurl", link: ["curl"]),
    system("CZlib", link: ["z"]),
    system("CMicroHTTPD", link: ["microhttpd"]),
    system("CSync", link: []),
    system("CMPI", link: ["dl"]),
  ] + imageLibraries.map { system($0.module, link: $0.link) } + [

    // Ground: what every program needs once.
    part("Support"),
    part("CommandKit", ["Support"]),
    part("Settings", ["Support", "CYAML"]),
    part("SQL", ["Support", "CSQLite"]),

    // Facts: what a run is, what a recipe says, places in memory.
    part("Run", ["Support"]),
    part("Recipe", ["Settings", "Support"]),
    part("Tensor", ["Support", "CClosure", "CFloat"]),

    // Pure functions.
    part("Schedule", ["Run", "Recipe", "Settings", "Support"]),
    part("Kernels", ["Tensor", "Support"]),
    part(
      "Images",
      ["Support", "CTurboJPEG", "CPNG"] + imageLibraries.map { .init(stringLiteral: $0.module) }),

    // Parts: one concept each.
    part("KernelsCPU", ["Kernels", "Tensor", "Support", "COpenBLAS", "CVector", "CTiles"]),
    part("CollectivesMPI", ["Tensor", "Support", "CMPI"]),
    part("Crops", ["Images", "Tensor", "Recipe", "Support", "CXXHash", "CArchive", "CZip"]),
    part("Crawl", ["Images", "SQL", "Support", "CCurl", "CZlib", "CXXHash", "CSync"]),
    part("Model", ["Kernels", "Tensor"]),
    part("Objective", ["Kernels", "Tensor"]),
    part("Optimiser", ["Kernels", "Tensor", "Model"]),
    part("Store", ["Tensor", "Support", "CXXHash"]),
    part("History", ["Run", "SQL", "Support"]),
    part("TensorFiles", ["Store", "Support", "CZip"]),
    part("Wire", ["Run", "Support", "CZeroMQ", "CZlib"]),
    part("TensorBoard", ["Run", "Recipe", "Support"]),
    part("Prometheus", ["Run", "Support", "CMicroHTTPD"]),
    part(
      "Features",
      ["Tensor", "Kernels", "Model", "Images", "Crops", "Store", "Support", "CXXHash"]),

    // Wholes.
    part("Descriptor", ["Tensor", "Kernels", "Model", "Optimiser", "Images", "Crops"]),
    part(
      "Engine",
      [
        "Tensor", "Kernels", "Recipe", "Crops", "Model", "Objective", "Optimiser", "Schedule",
        "Run",
        "Store", "Support",
      ]),
    part(
      "Weights",
      [
        "Run", "Recipe", "Settings", "Schedule", "Model", "Store", "TensorFiles", "History",
        "Support",
      ]),
    part("Neighbours", ["Kernels", "Tensor"]),
    part("Evaluation", ["Tensor", "Kernels", "Images", "Features", "Neighbours", "Support"]),
    part(
      "Curation",
      [
        "Tensor", "Kernels", "Images", "Crops", "Crawl", "Neighbours", "Settings", "Recipe", "SQL",
        "Store", "Support",
      ]),

    // The run.
    part(
      "Trainer",
      [
        "Engine", "Kernels", "Recipe", "Crops", "Model", "Objective", "Schedule", "Run", "Store",
        "History", "Weights", "Evaluation", "Features", "Images", "Support", "Tensor",
      ]),
    part(
      "Verify",
      [
        "Engine", "Kernels", "Model", "Objective", "Optimiser", "Store", "Features",
        "Support", "Tensor",
      ]),
    part(
      "Bench",
      [
        "Engine", "Kernels", "Model", "Images", "Crops", "Recipe", "Tensor", "Features",
        "Neighbours", "Support",
      ]),

    // People.
    part("Notices", ["Run", "Support", "CCurl"]),
    part("Control", ["Wire", "Run", "History", "Support", "CZeroMQ"]),
    part("Screen", ["Wire", "Run", "Schedule", "History", "Support", "CNCurses"]),

    // Composition roots.
    .executableTarget(
      name: "dinod",
      dependencies: [
        "Trainer", "Engine", "Descriptor", "Verify", "Bench", "KernelsCPU", "Wire", "History",
        "Store", "Recipe",
        "Run", "Schedule", "Crops", "Images", "Features", "Evaluation", "Model", "Kernels",
        "Tensor",
        "Weights", "Curation", "Crawl", "Settings", "CommandKit", "Support", "CMalloc",
        "CollectivesMPI", "Notices", "TensorBoard", "Prometheus",
      ],
      swiftSettings: native),
    .executableTarget(
      name: "dino",
      dependencies: [
        "Screen", "Control", "Wire", "History", "Store", "Recipe", "Run", "Schedule", "TensorBoard",
        "CommandKit", "Support",
      ],
      swiftSettings: native),

    // Counts what the C library's allocator is asked for.
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .target(
      name: "TestSupport", dependencies: ["Run", "Tensor", "Support", "CAllocations"],
      path: "Tests/TestSupport"),
    tests("Support", ["Support", "Run", "TestSupport"]),
    tests("CommandKit", ["CommandKit", "Support"]),
    tests("Run", ["Run", "Support"]),
    tests("Recipe", ["Recipe", "Settings", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("Tensor", ["Tensor", "TestSupport"], computeMuch: true),
    tests("CollectivesMPI", ["CollectivesMPI"]),
    tests("Schedule", ["Schedule", "Run", "Recipe", "TestSupport"]),
    tests("KernelsCPU", ["KernelsCPU", "Kernels", "Tensor", "TestSupport"], computeMuch: true),
    tests("Images", ["Images", "TestSupport"], resources: [.copy("Fixtures")], computeMuch: true),
    tests(
      "Crops", ["TestSupport", "CArchive", "Crops", "Images", "Tensor", "Recipe", "Support"],
      computeMuch: true),
    // Gathers and fetches from the tests' own web, and is killed.
    .executableTarget(
      name: "CrawlDriver", dependencies: ["Crawl", "Support"], path: "Tests/CrawlDriver"),
    tests(
      "Crawl", ["Crawl", "Support", "TestSupport", "CAllocations", "CZlib"], computeMuch: true),
    tests("Model", ["Model", "KernelsCPU", "Kernels", "Tensor"], computeMuch: true),
    tests("Objective", ["Objective", "KernelsCPU", "Kernels", "Tensor"], computeMuch: true),
    tests(
      "Optimiser", ["Optimiser", "Model", "KernelsCPU", "Kernels", "Tensor"], computeMuch: true),
    tests("Store", ["Store", "Support", "TestSupport"]),
    tests(
      "TensorFiles", ["TensorFiles", "Store", "Support", "TestSupport"],
      resources: [.copy("Fixtures")]),
    tests("History", ["History", "Run", "Support", "TestSupport", "CSQLite"]),
    tests("Wire", ["Wire", "Run", "TestSupport", "CZeroMQ"]),
    tests("Prometheus", ["Prometheus", "Run", "Support", "TestSupport"]),
    tests("TensorBoard", ["TensorBoard", "Recipe", "Run", "Support", "TestSupport"]),
    tests(
      "Features",
      [
        "Features", "KernelsCPU", "Kernels", "Tensor", "Model", "Images", "Crops", "Store",
        "TestSupport",
      ], computeMuch: true),
    tests(
      "Descriptor",
      ["Descriptor", "KernelsCPU", "Tensor", "Images", "Crops", "TestSupport"], computeMuch: true),
    tests(
      "Engine",
      [
        "Engine", "KernelsCPU", "Kernels", "Tensor", "Model", "Objective", "Optimiser", "Recipe",
        "Store", "Bench", "Support", "CAllocations", "TestSupport",
      ], computeMuch: true),
    tests(
      "Weights",
      ["Weights", "Model", "Store", "Support", "TestSupport"],
      resources: [.copy("Fixtures")]),
    tests(
      "Evaluation",
      [
        "Evaluation", "Features", "KernelsCPU", "Kernels", "Tensor", "TestSupport", "Images",
        "Model",
      ], computeMuch: true),
    tests("Neighbours", ["Neighbours", "KernelsCPU", "Kernels", "Tensor"], computeMuch: true),
    tests(
      "Curation",
      [
        "Curation", "Crawl", "KernelsCPU", "Tensor", "Images", "Crops", "Settings", "Support",
        "TestSupport",
      ], computeMuch: true),
    tests(
      "Verify", ["Verify", "KernelsCPU", "Tensor", "TestSupport"],
      resources: [.copy("Fixtures")]),
    tests(
      "Trainer",
      [
        "Trainer", "KernelsCPU", "Kernels", "Recipe", "Crops", "Images", "Features",
        "History", "Run", "Schedule", "Store", "Support", "TestSupport", "Tensor",
      ]),
    tests("Notices", ["Notices", "Support", "TestSupport"]),
    tests(
      "Control",
      ["Control", "Wire", "History", "Run", "Support", "TestSupport", "CZeroMQ"]),
    tests(
      "Screen", ["Screen", "Wire", "History", "Run", "Support", "TestSupport"],
      resources: [.copy("Goldens")]),
    // Lets calls that change files fail, kills at them, and records them.
    .target(name: "CFaults", path: "Tests/CFaults"),
    .executableTarget(
      name: "FaultDriver", dependencies: ["History", "Store", "Run", "Support", "CSQLite"],
      path: "Tests/FaultDriver"),
    tests(
      "Program",
      [
        "Wire", "Run", "History", "Images", "Store", "Support", "TestSupport", "CSQLite", "CZeroMQ",
        "Recipe", "Schedule", "Notices",
      ],
      resources: [.copy("Fixtures")]),
  ],
  swiftLanguageModes: [.v6]
)
