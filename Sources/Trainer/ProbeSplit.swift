import Crops
import Features
import Recipe

/// A recipe's images, divided into those to train on and those with which the probe measures
/// accuracy.
package struct ProbeSplit: Sendable {
  /// The images to train on.
  package let training: any ImageSource
  /// The labelled images that vote in k-NN.
  package let bank: LabelledImages
  /// The labelled images whose classes are predicted. Training never uses them.
  package let queries: LabelledImages
  /// All images of `data.eval_path`; `nil` if the recipe has none.
  package private(set) var evaluated: (any ImageSource)?

  /// Splits the images of a recipe. Returns `nil` if nothing can be measured (see `reason(_:)`);
  /// then the run trains on all images.
  ///
  /// - The embedded source has an unlimited number of images. Bank and queries are images that
  ///   training does not reach.
  /// - With `data.eval_path`, the queries come from that folder and the bank comes from the
  ///   training images.
  /// - Otherwise `HoldOut` holds out about a tenth of each class for the queries, and the bank
  ///   comes from the rest.
  ///
  /// `probe.train_images` and `probe.test_images` limit the numbers. Throws if `data.eval_path`
  /// cannot be read or has other classes.
  package init?(_ source: any ImageSource, recipe: Recipe) throws {
    let probe = recipe.probe
    if let embedded = source as? EmbeddedSource {
      training = source
      // Far beyond the images that any run trains on.
      bank = LabelledImages(of: embedded.images(probe.trainImages, from: 1 << 40))
      queries = LabelledImages(of: embedded.images(probe.testImages, from: 1 << 41))
      return
    }
    let labelled = LabelledImages(of: source)
    if !recipe.data.evalPath.isEmpty {
      training = source
      bank = labelled.sample(probe.trainImages)
      let evaluated = try Self.evaluated(recipe.data.evalPath, labelled)
      queries = evaluated.sample(probe.testImages)
      self.evaluated = evaluated.images
      return
    }
    let (kept, held) = labelled.indicesHoldingOut(for: .test)
    guard !held.isEmpty else { return nil }
    let indices = (0..<source.count).filter { source.label($0) != nil }
    let heldOut = Set(held.map { indices[$0] })
    training = SubsetSource(
      source, indices: (0..<source.count).filter { !heldOut.contains($0) })
    bank = labelled.only(kept).sample(probe.trainImages)
    queries = labelled.only(held).sample(probe.testImages)
  }

  /// Returns the images of `data.eval_path`, with the classes of the training images.
  private static func evaluated(
    _ path: String, _ labelled: LabelledImages
  ) throws -> LabelledImages {
    guard !labelled.classes.isEmpty else { throw SourceError.noClasses(labelled.images.name) }
    let evaluated = LabelledImages(of: try FileSource(path: path))
    guard !evaluated.classes.isEmpty else { throw SourceError.noClasses(path) }
    return try evaluated.renumbered(labelled.classes, name: path)
  }

  /// Returns why no images of a source can be held out.
  package static func reason(_ source: any ImageSource) -> String {
    source.classes.isEmpty ? "no labels" : "no class has two images, so none can be held out"
  }
}
