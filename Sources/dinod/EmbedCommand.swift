import CommandKit
import Crops
import Features
import Kernels
import Run
import Store
import Support
import Tensor

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

extension Subcommand {
  static let embed = Subcommand(
    name: "embed", operands: "WEIGHTS IMAGES…", count: 2...Int.max,
    summary: "write the features of image files, folders, or the pixels in a safetensors file",
    options: [
      Option("--to", "FILE", "a new file, .safetensors or .npy", isNeeded: true),
      Option("--tokens", "cls|patches|both", "which features; by default cls"),
    ] + EvaluationWeights.viewOptions + EvaluationWeights.options
  ) { try EmbedCommand($0).run() }
}

/// Writes features of images to a file, a batch at a time.
struct EmbedCommand {
  private let weights: EvaluationWeights
  private let source: any PixelSource
  private let output: String
  private let isNumpy: Bool
  private let tokens: String
  private let batch: Int
  private let choice: Backend.Choice

  /// Bytes of file names that go into the header; if there are more, all go into a separate file.
  private static let mostNames = 50_000_000

  init(_ arguments: Arguments) throws {
    output = arguments.needed("--to")
    isNumpy = output.hasSuffix(".npy")
    guard isNumpy || output.hasSuffix(".safetensors") else {
      throw UsageError("--to", takes: "a file name ending in .safetensors or .npy", not: output)
    }
    tokens = try arguments.word("--tokens", of: ["cls", "patches", "both"]) ?? "cls"
    guard !isNumpy || tokens != "both" else {
      throw UsageError(
        "an .npy file holds one array; choose --tokens cls or patches, or a .safetensors file"
      )
    }
    batch = try arguments.integer("--batch", in: 1...4096) ?? 16
    choice = try Backend.Choice(arguments).printingNotice()
    guard !FileSystem.exists(output) else {
      throw RunError.file("\(output): already exists; choose another name or remove it first")
    }
    weights = try EvaluationWeights(arguments.operands[0], arguments)
    source = try Self.source(Array(arguments.operands.dropFirst()), weights, arguments)
  }

  private static func source(
    _ operands: [String], _ weights: EvaluationWeights, _ arguments: Arguments
  ) throws -> any PixelSource {
    guard operands.contains(where: { $0.hasSuffix(".safetensors") }) else {
      return ImageViews(
        try imageFiles(operands), view: try weights.view(arguments))
    }
    guard operands.count == 1 else {
      throw UsageError("a file of pixels cannot be combined with other images; give it alone")
    }
    for option in ["--size", "--resize"] where arguments.has(option) {
      throw UsageError("\(option) has no effect on a file of pixels")
    }
    return try PixelFile(
      path: operands[0], channels: weights.shape.channels, patch: weights.shape.patchSize)
  }

  func run() throws -> Int32 {
    let backend = try Backend(choice)
    let computation = FeatureComputation(weights: weights, batch: batch, backend: backend)
    let names = (0..<source.count).map(source.name)
    let isInHeader = !isNumpy && names.reduce(0) { $0 + $1.utf8.count + 8 } < Self.mostNames
    let file = try open(names: isInHeader ? names : [])
    var done: [String] = []
    var piece: [Float] = []
    let seconds = try computation.forEachBatch(
      of: source, selection: Embedder.Selection(layers: 1, patches: tokens != "cls")
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
    if !isInHeader {
      try WholeFile.write(try JSONText.line(done) + "\n", to: output + ".files.json")
    }
    print(
      "\(output): \(Format.count(done.count, "image")), "
        + "\(Format.decimals(Double(done.count) / max(seconds, 1e-9), 1)) a second")
    return 0
  }

  /// Opens the output. Patches come first because the first array is written directly to its
  /// place, and they are the larger ones.
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
    return names.isEmpty ? base : base.merging(["files": try JSONText.line(names)]) { $1 }
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
}
