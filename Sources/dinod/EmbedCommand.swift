import Crops
import Features
import FoundationEssentials
import Kernels
import KernelsCPU
import Run
import Store
import Tensor

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

extension DaemonCommand {
  static let embed = DaemonCommand(
    name: "embed", operands: "WEIGHTS IMAGES…",
    summary: "writes features of images, of a folder's, or of a safetensors file's pixels",
    options: [
      CommandOption(
        name: "to", value: "FILE", meaning: "a new file, .safetensors or .npy", isNeeded: true),
      CommandOption(
        name: "tokens", value: "cls|patches|both", meaning: "which features; by default cls"),
    ] + EvaluationWeights.viewOptions + EvaluationWeights.options,
    operandCount: 2...Int.max
  ) { try EmbedCommand($0).run() }
}

/// Features of images, from decoding to the file, a batch at a time.
struct EmbedCommand {
  private let weights: EvaluationWeights
  private let source: any PixelSource
  private let output: String
  private let isNumpy: Bool
  private let tokens: String
  private let batch: Int
  private let threads: Int
  private let precision: Precision

  /// Names of files that stand in a header; more of them go to a file beside it.
  private static let mostNames = 50_000_000

  init(_ arguments: Arguments) throws {
    guard let output = arguments.value("to"), !output.isEmpty else {
      throw UsageError(description: "embed needs --to FILE, a .safetensors or .npy file")
    }
    self.output = output
    isNumpy = output.hasSuffix(".npy")
    guard isNumpy || output.hasSuffix(".safetensors") else {
      throw UsageError(description: "--to \(output): expected a name in .safetensors or .npy")
    }
    tokens = try arguments.word("tokens", of: ["cls", "patches", "both"])
    guard !isNumpy || tokens != "both" else {
      throw UsageError(
        description: "an .npy file holds one array: --tokens cls or patches, or a .safetensors file"
      )
    }
    batch = try arguments.integer("batch", in: 1...4096, default: 16)
    threads = try arguments.integer("threads", in: 0...1024, default: 0)
    precision = try ComputePrecision(arguments).orNotice()
    guard access(output, F_OK) != 0 else {
      throw RunError.file("\(output): exists already; choose another name or remove it first")
    }
    weights = try EvaluationWeights(arguments.operands[0], arguments)
    source = try Self.source(Array(arguments.operands.dropFirst()), weights, arguments)
  }

  private static func source(
    _ operands: [String], _ weights: EvaluationWeights, _ arguments: Arguments
  ) throws -> any PixelSource {
    guard operands.contains(where: { $0.hasSuffix(".safetensors") }) else {
      return ImageViews(
        FileList(try imageFiles(operands)), view: try weights.view(arguments))
    }
    guard operands.count == 1 else {
      throw UsageError(description: "a file of pixels is embedded alone, without other images")
    }
    for option in ["size", "resize"] where arguments.has(option) {
      throw UsageError(description: "--\(option) changes nothing in a file of pixels")
    }
    return try PixelFile(path: operands[0], patch: weights.shape.patchSize)
  }

  func run() throws -> Int32 {
    if let problem = CPUKernels.selfCheck() { throw RunError.machine(problem) }
    let computation = FeatureComputation(
      weights: weights, batch: batch, pool: WorkerPool(threads: threads), precision: precision)
    let names = (0..<source.count).map(source.name)
    let isInHeader = !isNumpy && names.reduce(0) { $0 + $1.utf8.count + 8 } < Self.mostNames
    let file = try open(names: isInHeader ? names : [])
    var done: [String] = []
    var piece: [Float] = []
    let seconds = try computation.forEachBatch(
      of: source, wanted: Embedder.Wanted(layers: 1, patches: tokens != "cls")
    ) { images, features, kernels in
      let matrices =
        (tokens == "cls" ? [] : [features.patches!])
        + (tokens == "patches" ? [] : [features.cls[0]])
      for (number, matrix) in matrices.enumerated() {
        try write(matrix, to: file, number, kernels, &piece)
      }
      done += images.map { names[$0] }
    }
    try file.finish(metadata: metadata(isInHeader ? done : []))
    if !isInHeader { try writeWhole(try Self.json(done) + "\n", to: output + ".files.json") }
    print(
      "\(output): \(done.count) images, "
        + "\(decimal(Double(done.count) / max(seconds, 1e-9), 1)) a second")
    return 0
  }

  /// Patches, which are many, come first: the first array is written straight to its place.
  private func open(names: [String]) throws -> any RowFile {
    let (size, patch) = (source.size, weights.shape.patchSize)
    let dim = weights.shape.embedDim
    let grid = size.height / patch * (size.width / patch)
    let cls = RowArray("cls", row: [dim])
    let patches = RowArray("patches", row: [grid, dim])
    let arrays = tokens == "cls" ? [cls] : tokens == "patches" ? [patches] : [patches, cls]
    if isNumpy { return try NumpyRows(arrays[0], path: output) }
    return try SafetensorsRows(
      arrays, most: source.count, metadata: metadata(names), path: output)
  }

  private func metadata(_ names: [String]) throws -> [String: String] {
    let view = "\(source.size.height)x\(source.size.width)"
    let base = ["weights": weights.name, "size": view]
    return names.isEmpty ? base : base.merging(["files": try Self.json(names)]) { $1 }
  }

  private func write(
    _ matrix: Matrix, to file: any RowFile, _ number: Int, _ kernels: any Kernels,
    _ piece: inout [Float]
  ) throws {
    let count = matrix.buffer.count
    if piece.count < count { piece = [Float](repeating: 0, count: count) }
    try piece.withUnsafeMutableBufferPointer { values in
      kernels.download(matrix.buffer, to: values)
      try file.append(UnsafeBufferPointer(rebasing: values[..<count]), to: number)
    }
  }

  private static func json(_ names: [String]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(names), as: UTF8.self)
  }
}
