extension Recipe {
  /// The sizes of the backbone, from `student.arch` and the keys that override it.
  package struct Architecture: Sendable, Equatable {
    /// The width of a token.
    package var embedDim: Int
    /// The number of attention blocks, and of heads in each.
    package var depth: Int
    package var numHeads: Int
    /// The hidden width of the feed-forward layer. For SwiGLU, the width of each half of `w12`.
    package var hiddenWidth: Int

    /// The width of one attention head.
    package var headDim: Int { embedDim / numHeads }

    /// The values that `student.arch` accepts.
    static let names = named.map(\.name) + ["custom"]

    /// The sizes S, B, L and g of the paper, and DeiT's tiny.
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
      // SwiGLU has three matrices instead of two, so it gets 2/3 of the width, rounded up to a
      // multiple of 8.
      hiddenWidth = student.ffnLayer.isGated ? (4 * embedDim * 2 / 3 + 7) / 8 * 8 : 4 * embedDim
    }
  }

  /// The sizes of the backbone. They are always known for a recipe that was read. A recipe made in
  /// code must name a known `student.arch`, or `custom` with all three sizes.
  package var architecture: Architecture { Architecture(student) }
}
