import Crops
import Features
import Recipe

/// Divides a recipe's images into those to train on and those that the probe measures accuracy
/// with.
package struct ProbeSplit: Sendable {
  /// The images to train on.
  package let training: any ImageSource
  /// The labelled images that vote, as k-NN calls them.
  package let bank: LabelledImages
  /// The labelled images whose classes are predicted. They are never trained on.
  package let queries: LabelledImages

  /// nil where nothing can be measured, see `reason(_:)`; then the run trains on all images.
  ///
  /// - The embedded source has as many images as anyone wants: bank and queries are others than
  ///   those of the training.
  /// - With `data.eval_path`, the queries come from that folder and the bank from the training
  ///   images.
  /// - Otherwise about a tenth of each class is held out of the training images by `HoldOut` for
  ///   the queries, and the bank comes from the rest.
  ///
  /// `probe.train_images` and `probe.test_images` limit them. Throws where `data.eval_path` cannot
  /// be read or has other classes.
  package init?(_ source: any ImageSource, recipe: Recipe) throws {
    let probe = recipe.probe
    if let embedded = source as? EmbeddedSource {
      training = source
      // Far beyond what any run trains on.
      bank = LabelledImages(of: embedded.images(probe.trainImages, from: 1 << 40))
      queries = LabelledImages(of: embedded.images(probe.testImages, from: 1 << 41))
      return
    }
    let labelled = LabelledImages(of: source)
    if !recipe.data.evalPath.isEmpty {
      training = source
      bank = labelled.sample(probe.trainImages)
      queries = try Self.evaluated(recipe.data.evalPath, labelled).sample(probe.testImages)
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

  /// The images of `data.eval_path` with the classes of the training images.
  private static func evaluated(
    _ path: String, _ labelled: LabelledImages
  ) throws -> LabelledImages {
    guard !labelled.classes.isEmpty else { throw SourceError.noClasses(labelled.images.name) }
    let evaluated = LabelledImages(of: try FolderSource(path: path))
    guard !evaluated.classes.isEmpty else { throw SourceError.noClasses(path) }
    return try evaluated.renumbered(labelled.classes, name: path)
  }

  /// Why nothing of a source can be held out.
  package static func reason(_ source: any ImageSource) -> String {
    source.classes.isEmpty ? "no labels" : "no class has two images, one of which to hold out"
  }
}
