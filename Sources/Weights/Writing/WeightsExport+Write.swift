import Store
import Support

extension WeightsExport {
  /// Writes a new folder with the weights, the files that describe them, and a model card.
  /// Throws if `path` exists and is not an empty folder.
  ///
  /// - Parameters:
  ///   - size: the side of the images in pixels that ONNX is written for; nil for the crop of the weights'
  ///     preprocessing.
  ///   - most: the most bytes of values that one file of ONNX may hold.
  package func write(
    _ format: ExportFormat, size: Int? = nil, most: Int = ONNXFile.mostBytes, to path: String
  ) throws(FileError) {
    try FolderOutput.write(path) { (folder) throws(FileError) in
      try format.write(self, size: size, most: most, to: folder)
      let card = ModelCard(self, format: format, name: FilePath.name(of: path), size: size)
      if let curves = card.curves { try folder.addText(ModelCard.curvesName, curves) }
      try folder.addText("README.md", card.text)
    }
  }
}

extension BackboneWeights {
  /// Writes a new folder with the weights in Dino's own form. Throws if `path` exists and is not an
  /// empty folder.
  package func write(to path: String) throws(FileError) {
    try FolderOutput.write(path) { (folder) throws(FileError) in
      try ExportFormat.safetensors.write(WeightsExport(self), to: folder)
    }
  }
}
