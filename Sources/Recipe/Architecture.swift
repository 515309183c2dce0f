extension Recipe {
  /// The sizes of the backbone, as `student.arch` and the keys beside it decide.
  package struct Architecture: Sendable, Equatable {
    /// Width of a token.
    package var embedDim: Int
    /// Attention blocks.
    package var depth: Int
    package var numHeads: Int
    /// Hidden width of the feed-forward layer; of the gated one, that of each half of `w12`.
    package var hiddenWidth: Int

    /// Width of one attention head.
    package var headDim: Int { embedDim / numHeads }

    /// The names that `student.arch` may have.
    static let names = named.map(\.name) + ["custom"]

    /// The paper's S, B, L and g; tiny is DeiT's.
    private static let named = [
      (name: "vit_tiny", embedDim: 192, depth: 12, numHeads: 3),
      (name: "vit_small", embedDim: 384, depth: 12, numHeads: 6),
      (name: "vit_base", embedDim: 768, depth: 12, numHeads: 12),
      (name: "vit_large", embedDim: 1024, depth: 24, numHeads: 16),
      (name: "vit_giant2", embedDim: 1536, depth: 40, numHeads: 24),
    ]

    fileprivate init(_ student: Student) {
      let base = Self.named.first { $0.name == student.arch }
      func size(_ given: Int, _ named: Int?) -> Int {
        guard let size = given > 0 ? given : named else {
          preconditionFailure("student.arch \(student.arch) needs embedDim, depth and numHeads")
        }
        return size
      }
      embedDim = size(student.embedDim, base?.embedDim)
      depth = size(student.depth, base?.depth)
      numHeads = size(student.numHeads, base?.numHeads)
      // The gated layer has three matrices for two: 2/3 of the width, in whole vectors of 8.
      hiddenWidth = student.ffnLayer.isGated ? (4 * embedDim * 2 / 3 + 7) / 8 * 8 : 4 * embedDim
    }
  }

  /// The sizes of the backbone. A recipe that was read always has them; one made in code must name
  /// a known `student.arch`, or `custom` with all three sizes.
  package var architecture: Architecture { Architecture(student) }
}
