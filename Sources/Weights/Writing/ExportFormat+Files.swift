import Model
import Store
import Support
import TensorFiles

extension ExportFormat {
  /// Writes the files of weights in this format, and the files that describe them.
  ///
  /// - Parameters:
  ///   - size: the side of the images in pixels that ONNX is written for; nil for the crop of the weights'
  ///     preprocessing.
  ///   - most: the most bytes of values that one file of ONNX may hold.
  func write(
    _ export: WeightsExport, size: Int? = nil, most: Int = ONNXFile.mostBytes,
    to folder: FolderOutput
  ) throws(FileError) {
    let weights = export.weights
    switch self {
    case .huggingface:
      let config = try HuggingFaceConfig(weights)
      // transformers loads only files with the metadata `format: pt`.
      try folder.addTensors(
        "model.safetensors", WeightLayout.huggingface.tensors(of: weights),
        metadata: ["format": "pt"])
      try folder.addText("config.json", json(config, floats: HuggingFaceConfig.floats))
      if weights.preprocessing.isPlain {
        try folder.addText(
          "preprocessor_config.json",
          weights.preprocessorConfig ?? json(HuggingFacePreprocessor(weights.preprocessing)))
      }
    case .timm:
      try folder.addTensors(
        "model.safetensors", WeightLayout.timm.tensors(of: weights), metadata: ["format": "pt"])
      try folder.addText("config.json", json(try TimmConfig(weights)))
    case .dinov2: try Self.writePyTorch(export, to: folder.file("model.pth"))
    case .safetensors:
      let backbone = WeightLayout.official.tensors(of: weights).map {
        $0.named("backbone." + $0.name)
      }
      let heads = export.heads.map { TensorSource.floats($0.name, $0.shape, $0.values) }
      try folder.addTensors(
        "model.safetensors", backbone + heads,
        metadata: SourceFacts.metadata(weights).merging(["format": "pt"]) { ours, _ in ours })
    case .onnx: try ONNXFile(weights, size: size).write(to: folder, most: most)
    }
    if needsFacts(weights) {
      try folder.addText(SourceFacts.fileName, json(SourceFacts.metadata(weights)))
    }
  }

  /// Writes a file of `torch.save` with the official names.
  private static func writePyTorch(
    _ export: WeightsExport, to path: String
  ) throws(FileError) {
    let weights = export.weights
    let chunks = export.recipe?.student.blockChunks ?? 0
    let entries = weights.shape.layout.parameters.map {
      PyTorchWriter.Entry(
        name: chunked(String($0.name.dropFirst("backbone.".count)), weights.shape.depth, chunks),
        shape: $0.shape, range: $0.range)
    }
    try PyTorchWriter.write(entries, of: weights.values, to: path)
  }

  /// Whether the files of this format cannot say how images are prepared, or, as those with the
  /// official names, not even the number of heads.
  private func needsFacts(_ weights: BackboneWeights) -> Bool {
    switch self {
    case .dinov2: true
    case .safetensors, .onnx: false
    case .huggingface, .timm: !weights.preprocessing.isPlain
    }
  }
}

/// Returns the name that the official code uses if a recipe groups blocks (`student.block_chunks`).
/// For example, `blocks.11.norm1.weight` of 12 blocks in 4 chunks is `blocks.3.11.norm1.weight`.
private func chunked(_ name: String, _ depth: Int, _ chunks: Int) -> String {
  let parts = name.split(separator: ".", maxSplits: 2)
  guard chunks > 0, parts.count == 3, parts[0] == "blocks", let block = Int(parts[1]) else {
    return name
  }
  return "blocks.\(block / max(depth / chunks, 1)).\(block).\(parts[2])"
}
