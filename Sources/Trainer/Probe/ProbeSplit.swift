import Crops
import Features
import Recipe

/// A recipe's images, divided into those to train on and those with which the probe measures.
package struct ProbeSplit: Sendable {
  /// Labelled images for k-NN.
  package struct Labelled: Sendable {
    /// The images that vote.
    package let bank: LabelledImages
    /// The images whose classes are predicted. Training never uses them.
    package let queries: LabelledImages
  }

  /// The images to train on.
  package let training: any ImageSource
  /// The images for k-NN; `nil` if it cannot be measured (see `reason(_:)`).
  package let labelled: Labelled?
  /// The images for scores that need no labels.
  package let scored: any ImageSource
  /// Whether training never uses `scored`.
  package let isHeldOut: Bool
  /// All images of `data.eval_path`; `nil` if the recipe has none.
  package private(set) var evaluated: (any ImageSource)?

  /// Splits the images of a recipe.
  ///
  /// - The embedded source has an unlimited number of images. Bank and queries are images that
  ///   training does not reach.
  /// - With `data.eval_path`, the queries come from that folder and the bank comes from the
  ///   training images.
  /// - If images have labels, `HoldOut` holds out about a tenth of each class for the queries, and the bank
  ///   comes from the rest.
  /// - Otherwise there is no k-NN, and `data.hold_out` says which share of the images is held out for
  ///   scores without labels; if that is 0, they are measured on images that are trained on.
  ///
  /// `probe.train_images` and `probe.test_images` limit the numbers. Throws if `data.eval_path`
  /// cannot be read or has other classes.
  package init(_ source: any ImageSource, recipe: Recipe) throws {
    let probe = recipe.probe
    if let embedded = source as? EmbeddedSource {
      // Far beyond the images that any run trains on.
      self.init(
        source,
        Labelled(
          bank: LabelledImages(of: embedded.images(probe.trainImages, from: 1 << 40)),
          queries: LabelledImages(of: embedded.images(probe.testImages, from: 1 << 41))))
      return
    }
    let labelled = LabelledImages(of: source)
    if !recipe.data.evalPath.isEmpty {
      let evaluated = try Self.evaluated(recipe.data.evalPath, labelled)
      self.init(
        source,
        Labelled(
          bank: labelled.sample(probe.trainImages), queries: evaluated.sample(probe.testImages)))
      self.evaluated = evaluated.images
      return
    }
    let (kept, held) = labelled.indicesHoldingOut(for: .test)
    guard !held.isEmpty else {
      self.init(unlabelled: source, recipe)
      return
    }
    let indices = (0..<source.count).filter { source.label($0) != nil }
    self.init(
      Self.without(Set(held.map { indices[$0] }), source),
      Labelled(
        bank: labelled.only(kept).sample(probe.trainImages),
        queries: labelled.only(held).sample(probe.testImages)))
  }

  private init(_ training: any ImageSource, _ labelled: Labelled) {
    self.training = training
    self.labelled = labelled
    scored = labelled.queries.images
    isHeldOut = true
  }

  private init(unlabelled source: any ImageSource, _ recipe: Recipe) {
    let keys = (0..<source.count).map(source.key)
    let held = HoldOut.share(recipe.data.holdOut, of: keys)
    isHeldOut = !held.isEmpty
    training = held.isEmpty ? source : Self.without(Set(held), source)
    let measured = held.isEmpty ? Array(keys.indices) : held
    let chosen = HoldOut.sample(recipe.probe.testImages, of: measured.map { keys[$0] })
    scored = SubsetSource(source, indices: chosen.map { measured[$0] })
    labelled = nil
  }

  private static func without(_ held: Set<Int>, _ source: any ImageSource) -> SubsetSource {
    SubsetSource(source, indices: (0..<source.count).filter { !held.contains($0) })
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

  /// Returns why a source has no k-NN.
  package static func reason(_ source: any ImageSource) -> String {
    source.classes.isEmpty ? "no labels" : "no class has two images, so none can be held out"
  }
}
