import Model
import Store

/// A backbone read from a file or run, whatever layout it had there.
package struct BackboneWeights: Sendable {
  package var shape: BackboneShape
  /// In the order of `shape.layout`; the elements between tensors are zero.
  package var values: [Float]
  /// The view that its pictures should be given; ImageNet's where nothing tells of another.
  package var preprocessing: Preprocessing
  package var source: Source

  /// Where a backbone came from.
  package struct Source: Sendable, Equatable {
    /// `dinov2`, `huggingface` or `timm`: whose names the file used.
    package var layout: String
    /// The file, or the checkpoint's folder.
    package var path: String
    /// Official names that the file does not have and that begin as in a fresh network.
    package var missing: [String]
    /// The file's names that are no part of a backbone or its heads.
    package var leftOver: [String]
  }

  package init(
    shape: BackboneShape, values: [Float], preprocessing: Preprocessing, source: Source
  ) {
    precondition(values.count == shape.layout.count)
    self.shape = shape
    self.values = values
    self.preprocessing = preprocessing
    self.source = source
  }

  /// Reads the backbone that `path` stands for: a run's name or folder, a checkpoint's folder, a
  /// `.safetensors` or `.pth` file, or a folder that has one with its `config.json`.
  ///
  /// - Parameters:
  ///   - which: nil: the teacher where there are both.
  ///   - runs: the folder that holds runs; nil: the customary one.
  package static func read(
    _ path: String, which: NetworkPart? = nil, runs: String? = nil
  ) throws(StoreError) -> BackboneWeights {
    try WeightsInput.open(path, which: which, runs: runs).backbone()
  }
}

extension WeightsInput {
  /// Reads the backbone's values. All of its tensors have to be there, but for the mask token, which
  /// is for training alone; memory is taken once every shape has been found right.
  package func backbone() throws(StoreError) -> BackboneWeights {
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
      shape: shape, values: values, preprocessing: facts.preprocessing ?? Preprocessing(),
      source: .init(
        layout: tensors.layout.name, path: path, missing: missing, leftOver: tensors.leftOver))
  }
}
