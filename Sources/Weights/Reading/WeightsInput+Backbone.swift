import Model
import Store
import Support

extension BackboneWeights {
  /// Reads the backbone at `path`: a run's name or folder, a checkpoint's folder, a `.safetensors`
  /// or `.pth` file, or a folder with such a file and its `config.json`.
  ///
  /// - Parameters:
  ///   - which, arch, runs: as in `WeightsInput.open`.
  package static func read(
    _ path: String, which: NetworkPart? = nil, arch: String? = nil, runs: String? = nil
  ) throws(FileError) -> BackboneWeights {
    try WeightsInput.open(path, which: which, arch: arch, runs: runs).backbone()
  }
}

extension WeightsInput {
  /// Reads the backbone's values.
  /// All tensors must be present except the mask token, which only training uses. All shapes are
  /// checked before memory for the values is allocated.
  package func backbone() throws(FileError) -> BackboneWeights {
    let shape = try tensors.backboneShape(facts)
    let layout = shape.layout
    try tensors.check(layout)
    var values = [Float](repeating: 0, count: layout.count)
    var missing: [String] = []
    for parameter in layout.parameters {
      guard tensors.entries[parameter.name] != nil else {
        missing.append(parameter.name)
        continue
      }
      values.replaceSubrange(parameter.range, with: try tensors.floats(parameter.name))
    }
    return BackboneWeights(
      shape: shape, values: values, preprocessing: try preprocessing(shape),
      preprocessorConfig: facts.preprocessorConfig,
      source: .init(
        layout: tensors.layout.name, path: path, missing: missing, leftOver: tensors.leftOver,
        notices: notices))
  }

  /// Returns how images are prepared. Throws if that is said of another number of channels.
  private func preprocessing(_ shape: BackboneShape) throws(FileError) -> Preprocessing {
    guard let known = facts.preprocessing else {
      let usual = Preprocessing.usual(channels: shape.channels)
      return Preprocessing(
        mean: usual.mean, std: usual.std, trainedSize: shape.grid * shape.patchSize,
        patch: shape.patchSize)
    }
    guard known.mean.count == shape.channels,
      known.range.isEmpty || known.range.count == shape.channels
    else {
      throw FileError(
        file: path,
        what: "has weights for images of \(shape.channels) channels, and a mean for "
          + "\(known.mean.count)",
        remedy: "keep each file with the weights that it was written for")
    }
    return known
  }
}
