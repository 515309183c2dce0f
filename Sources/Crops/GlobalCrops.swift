import Images
import Recipe

/// Global crops of images, as training makes them, for measurements of features.
///
/// View `v` of an image is always the same; it is not one of the crops that training sees. Any thread may
/// call.
package struct GlobalCrops: Sendable {
  package let images: any ImageSource
  /// The crops of an image.
  package let views: Int
  private let format: SampleFormat?
  private let augmentation: Augmentation

  /// The side of a crop in pixels, and the number of its channels.
  package var side: Int { augmentation.recipe.global[0].size }
  package var channels: Int { augmentation.recipe.mean.count }

  /// - Parameter views: the crops of an image, of which every other is one of the second kind.
  package init(_ images: any ImageSource, recipe: Recipe, views: Int) {
    self.images = images
    self.views = views
    format = SampleFormat(recipe)
    // Another seed than that of training, so that the streams differ.
    augmentation = Augmentation(AugmentationRecipe(recipe), seed: ~recipe.train.seed)
  }

  /// Writes a crop, [channels, side, side], normalised. Throws if the image cannot be read.
  package func write(
    _ image: Int, view: Int, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    let position = image * views + view
    let input = try images.input(image, format) { [augmentation] in
      augmentation.scale(of: $0, position: position)
    }
    write(input, position, view, target)
  }

  private func write(
    _ image: some AugmentedImage, _ position: Int, _ view: Int,
    _ target: UnsafeMutableBufferPointer<Float>
  ) {
    augmentation.crop(image, position: position, number: view % 2, into: target)
  }
}
