import Images
import Recipe
import Tensor

/// What is trained on, and which labelled images the probe keeps for itself.
package struct ProbeSplit: Sendable {
  /// The images to train on.
  package let training: any ImageSource
  /// Labelled images that vote, and held-out ones that are judged.
  package let bank: LabelledImages
  package let queries: LabelledImages

  /// nil where nothing is labelled: then all of the source is trained on, and nothing is judged.
  ///
  /// The embedded source has images without end, so votes and questions are others than the
  /// training's. A folder's votes are training images; the questions come from `data.eval_path`, or
  /// are a tenth of each class, which is then not trained on.
  package init?(_ source: any ImageSource, recipe: Recipe) throws {
    if let embedded = source as? EmbeddedSource {
      self.init(embedded, recipe)
    } else if !recipe.data.evalPath.isEmpty {
      try self.init(source, evaluatedOn: recipe.data.evalPath, recipe)
    } else {
      self.init(holdingOutOf: source, recipe)
    }
  }

  private init(_ source: EmbeddedSource, _ recipe: Recipe) {
    // Far beyond what any run trains on.
    let bank = source.heldOut(recipe.probe.trainImages, first: 1 << 40)
    let queries = source.heldOut(recipe.probe.testImages, first: 1 << 41)
    training = source
    self.bank = LabelledImages(bank, Array(0..<bank.count), recipe)
    self.queries = LabelledImages(queries, Array(0..<queries.count), recipe)
  }

  private init(_ source: any ImageSource, evaluatedOn path: String, _ recipe: Recipe) throws {
    guard !source.classes.isEmpty else { throw SourceError.noClasses(source.name) }
    let judged = try FolderSource(path: path)
    guard !judged.classes.isEmpty else { throw SourceError.noClasses(path) }
    let strange = Set(judged.classes).subtracting(source.classes).sorted()
    guard strange.isEmpty else { throw SourceError.strangeClasses(path, strange) }
    let numbers = Dictionary(uniqueKeysWithValues: source.classes.enumerated().map { ($1, $0) })
    let chosen = Self.choose(recipe.probe.testImages, of: judged, Array(0..<judged.count), recipe)
    training = source
    bank = LabelledImages(
      source, Self.choose(recipe.probe.trainImages, of: source, Array(0..<source.count), recipe),
      recipe)
    queries = LabelledImages(
      judged, indices: chosen, labels: chosen.map { numbers[judged.classes[judged.label($0)!]]! },
      classes: source.classes.count, recipe: recipe)
  }

  private init?(holdingOutOf source: any ImageSource, _ recipe: Recipe) {
    guard !source.classes.isEmpty else { return nil }
    var random = CounterRandom(
      seed: UInt64(truncatingIfNeeded: recipe.train.seed), use: .probe)
    var held: Set<Int> = []
    let byClass = Dictionary(grouping: 0..<source.count, by: source.label)
    for number in source.classes.indices {
      let members = byClass[number] ?? []
      for place in random.subset(members.count / 10, of: members.count) {
        held.insert(members[place])
      }
    }
    guard !held.isEmpty else { return nil }
    let rest = (0..<source.count).filter { !held.contains($0) }
    training = SubsetSource(source, indices: rest)
    bank = LabelledImages(
      source, Self.choose(recipe.probe.trainImages, of: source, rest, recipe), recipe)
    queries = LabelledImages(
      source, Self.choose(recipe.probe.testImages, of: source, held.sorted(), recipe), recipe)
  }

  /// At most `most` labelled images among the candidates, at random.
  private static func choose(
    _ most: Int, of source: any ImageSource, _ candidates: [Int], _ recipe: Recipe
  ) -> [Int] {
    let labelled = candidates.filter { source.label($0) != nil }
    guard labelled.count > most else { return labelled }
    var random = CounterRandom(
      seed: UInt64(truncatingIfNeeded: recipe.train.seed), use: .probe, 1)
    return random.subset(most, of: labelled.count).map { labelled[$0] }
  }
}

extension LabelledImages {
  /// Labelled images of a source.
  fileprivate init(_ source: any ImageSource, _ indices: [Int], _ recipe: Recipe) {
    self.init(
      source, indices: indices, labels: indices.map { source.label($0)! },
      classes: source.classes.count, recipe: recipe)
  }
}

extension LabelledImages {
  /// The images themselves.
  package var images: any ImageSource { SubsetSource(source, indices: indices) }
}

/// Some of the images of another source.
private struct SubsetSource: ImageSource {
  private let source: any ImageSource
  private let indices: [Int]

  init(_ source: any ImageSource, indices: [Int]) {
    self.source = source
    self.indices = indices
  }

  var name: String { source.name }
  var count: Int { indices.count }
  var classes: [String] { source.classes }

  func label(_ index: Int) -> Int? { source.label(indices[index]) }
  func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    try source.image(indices[index], scale: scale)
  }
}

/// The images that a recipe names: the embedded ones, or a folder.
package func openSource(recipe: Recipe) throws -> any ImageSource {
  guard !recipe.data.isEmbedded else {
    return EmbeddedSource(
      seed: recipe.train.seed, size: recipe.data.embeddedSize, count: recipe.data.embeddedImages)
  }
  return try FolderSource(path: recipe.data.path)
}
