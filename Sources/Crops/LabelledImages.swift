import Images
import Recipe

/// Images with classes, as evaluation sees them. For the probe; training never sees a label.
package struct LabelledImages: Sendable {
  let source: any ImageSource
  let indices: [Int]
  /// The class of each image, a number in 0 ..< classes.
  package let labels: [Int]
  package let classes: Int
  /// Side of the views, in pixels.
  package let size: Int
  private let mean: [Float]
  private let std: [Float]

  package var count: Int { indices.count }

  init(
    _ source: any ImageSource, indices: [Int], labels: [Int], classes: Int, recipe: Recipe
  ) {
    precondition(indices.count == labels.count)
    self.source = source
    self.indices = indices
    self.labels = labels
    self.classes = classes
    size = recipe.crops.globalCropsSize
    mean = recipe.data.mean.map(Float.init)
    std = recipe.data.std.map(Float.init)
  }

  /// Views of some of the images, [n, 3, size, size]. An image that cannot be read is seen as the
  /// mean colour, which costs its vote and no more.
  package func views(_ range: Range<Int>) -> [Float] {
    let each = 3 * size * size
    return [Float](unsafeUninitializedCapacity: range.count * each) { target, count in
      target.initialize(repeating: 0)
      for (slot, place) in range.enumerated() {
        // Twice the view's side, so that the bicubic filter has the last word.
        let image = try? source.image(indices[place]) { .keeping(2 * size, of: $0) }
        guard let image else { continue }
        view(image).normalised(
          mean: mean, std: std, into: .init(rebasing: target[slot * each..<(slot + 1) * each]))
      }
      count = range.count * each
    }
  }

  /// The customary view: 256 to 224. An image that is hardly larger than the view is taken whole,
  /// so that small pictures are not blown up only to be cut.
  private func view(_ image: RGBImage) -> RGBImage {
    let shortest = min(image.width, image.height)
    return shortest * 7 <= size * 8
      ? image.evaluationView(resize: size, crop: size)
      : image.evaluationView(crop: size)
  }
}
