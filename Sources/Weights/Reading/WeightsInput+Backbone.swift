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
      shape: shape, values: values,
      preprocessing: facts.preprocessing
        ?? Preprocessing(trainedSize: shape.grid * shape.patchSize, patch: shape.patchSize),
      preprocessorConfig: facts.preprocessorConfig,
      source: .init(
        layout: tensors.layout.name, path: path, missing: missing, leftOver: tensors.leftOver,
        notices: notices))
  }
}
