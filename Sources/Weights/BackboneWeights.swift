import Model
import Store
import Support

/// The weights of a backbone, read from a file or a run in any supported layout.
package struct BackboneWeights: Sendable {
  /// The shape of the backbone.
  package var shape: BackboneShape
  /// The values in the order of `shape.layout`. Elements between tensors are zero.
  package var values: [Float]
  /// How evaluation prepares images for the backbone. ImageNet's values if the source does not say.
  package var preprocessing: Preprocessing
  /// The `preprocessor_config.json` that the preprocessing is from, as it was read; `nil` if it is
  /// from elsewhere.
  package var preprocessorConfig: String?
  /// Where the weights came from.
  package var source: Source

  /// The origin of a backbone's weights.
  package struct Source: Sendable, Equatable {
    /// The naming scheme of the file: `dinov2`, `huggingface`, `timm`, `dinov3` or `huggingface-dinov3`.
    package var layout: String
    /// The file, or the checkpoint's folder.
    package var path: String
    /// Official names of tensors that the file lacks. Their values are zero.
    package var missing: [String]
    /// Names in the file that belong to neither a backbone nor its heads.
    package var leftOver: [String]
    /// Messages for the user, such as newer checkpoints that are damaged.
    package var notices: [String] = []

    /// The origin of weights that no file holds yet.
    package static func trained(path: String) -> Source {
      Source(layout: "dinov2", path: path, missing: [], leftOver: [])
    }
  }

  /// Creates weights. `values` must have as many elements as `shape.layout`.
  package init(
    shape: BackboneShape, values: [Float], preprocessing: Preprocessing,
    preprocessorConfig: String? = nil, source: Source
  ) {
    precondition(values.count == shape.layout.count)
    self.shape = shape
    self.values = values
    self.preprocessing = preprocessing
    self.preprocessorConfig = preprocessorConfig
    self.source = source
  }

  /// A one-line summary: `384 wide, 12 blocks, 6 heads, patch 14, 22,056,576 parameters`.
  package var summary: String {
    "\(shape.embedDim) wide, \(Format.count(shape.depth, "block")), \(Format.count(shape.numHeads, "head")), patch \(shape.patchSize), "
      + (shape.registers > 0 ? "\(shape.registers) registers, " : "")
      + "\(Format.count(shape.layout.elements(of: "backbone."))) parameters"
  }
}
