import Model
import Store
import Support

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
    /// What a person should know of how it was found.
    package var notices: [String] = []
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

  /// `384 wide, 12 blocks, patch 14, 22,056,576 parameters`
  package var summary: String {
    "\(shape.embedDim) wide, \(shape.depth) blocks, \(shape.numHeads) heads, patch \(shape.patchSize), "
      + (shape.registers > 0 ? "\(shape.registers) registers, " : "")
      + "\(Format.count(shape.layout.elements(of: "backbone."))) parameters"
  }
}
