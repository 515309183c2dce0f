import Recipe

/// Opens the images that a recipe names: the embedded ones, or a folder.
package func openSource(recipe: Recipe) throws(SourceError) -> any ImageSource {
  guard !recipe.data.isEmbedded else {
    return EmbeddedSource(
      seed: recipe.train.seed, size: recipe.data.embeddedSize, count: recipe.data.embeddedImages)
  }
  return try FileSource(path: recipe.data.path)
}
