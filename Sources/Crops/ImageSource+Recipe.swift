import Images
import Recipe

/// Opens the images that a recipe names: the embedded ones, or a folder.
package func openSource(recipe: Recipe) throws(SourceError) -> any ImageSource {
  guard !recipe.data.isEmbedded else {
    return EmbeddedSource(
      seed: recipe.train.seed, size: recipe.data.embeddedSize, count: recipe.data.embeddedImages)
  }
  return try FileSource(path: recipe.data.path)
}

extension SampleFormat {
  /// What the images of a recipe are decoded into; `nil` for red, green and blue of 8 bits.
  package init?(_ recipe: Recipe) {
    let data = recipe.data
    guard !data.hasColours || !data.rangeMin.isEmpty else { return nil }
    self.init(
      channels: data.channels,
      range: zip(data.rangeMin, data.rangeMax).map { Float($0)...Float($1) })
  }
}
