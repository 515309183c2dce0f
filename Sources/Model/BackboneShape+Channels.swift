extension BackboneShape {
  /// The name of the tensor that embeds the pixels of patches, [D, channels, patch, patch].
  package static let patchEmbedding = "backbone.patch_embed.proj.weight"

  /// Returns whether a tensor embeds patches of this network, but of images with other channels, and
  /// those channels.
  package func channels(ofPatchEmbedding shape: [Int]) -> Int? {
    shape.count == 4 && shape[1] > 0 && shape[1] != channels
      && [shape[0], shape[2], shape[3]] == [embedDim, patchSize, patchSize] ? shape[1] : nil
  }

  /// Adapts the weights that embed patches of images with `other` channels, as timm does: for one
  /// channel the kernels are summed; for others they are repeated in turn and scaled by other /
  /// channels. An image whose channels are all equal keeps its features.
  ///
  /// - Parameter weights: [D, other, patch, patch].
  package func adaptPatchEmbedding(_ weights: [Float], from other: Int) -> [Float] {
    let kernel = patchSize * patchSize
    precondition(weights.count == embedDim * other * kernel)
    let scale = Float(other) / Float(channels)
    var adapted: [Float] = []
    adapted.reserveCapacity(embedDim * patchElements)
    for row in 0..<embedDim {
      func pixel(_ channel: Int, _ index: Int) -> Float {
        weights[(row * other + channel) * kernel + index]
      }
      for channel in 0..<channels {
        for index in 0..<kernel {
          adapted.append(
            channels == 1
              ? (0..<other).reduce(0) { $0 + pixel($1, index) }
              : pixel(channel % other, index) * scale)
        }
      }
    }
    return adapted
  }
}
