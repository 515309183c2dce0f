import Crops
import Neighbours
import Store
import Support

/// Computes the features of the images that are left.
enum EmbedStage: Stage {
  static let name = StageName.embed
  static let isIncremental = true

  static func isWanted(_ plan: CurationPlan) -> Bool { !plan.embed.weights.isEmpty }

  static func run(_ context: CurationContext) throws -> String {
    var images = try context.catalogue.images(keptAfter: .filter)
    for role in ImageRole.allCases where role != .pool {
      images += try context.catalogue.images(role)
    }
    let problems = try context.embed(images)
    for problem in problems { context.observer.noticed("skipped \(problem)") }
    return "\(Format.count(images.count - problems.count, "image")) with features"
  }

  static func extraInputs(_ context: CurationContext) throws -> String {
    context.embedding?.fingerprint ?? ""
  }

  static func output(_ context: CurationContext) throws -> String {
    context.embedding?.fingerprint ?? ""
  }
}

extension CurationContext {
  /// Images whose features are written at once.
  private static let embedBatch = 4096

  /// Computes the features of those images that have none yet. Returns why others could not be read.
  fileprivate func embed(_ images: [CatalogueImage]) throws -> [String] {
    guard let embedding else { return [] }
    var folder = try featureFolder()
    let missing = images.filter { !folder.has($0.id) }
    observer.began(.embed, what: "images", total: missing.count)
    var problems: [String] = []
    var done = 0
    for start in stride(from: 0, to: missing.count, by: Self.embedBatch) {
      let part = Array(missing[start..<min(start + Self.embedBatch, missing.count)])
      var (ids, values): ([Int], [Float]) = ([], [])
      problems += try embedding.features(of: PoolImages(part, self)) { images, features in
        try check()
        ids += images.map { part[$0].id }
        values += features
        done += images.count
        observer.advanced(to: done)
      }
      try folder.add(ids, values)
    }
    return problems
  }

  /// The features that were computed with the plan's weights.
  private func featureFolder() throws -> FeatureFolder {
    let weights = Checksum.text(of: embedding!.fingerprint).suffix(16)
    return try FeatureFolder(path: "\(pool.features)/\(weights)", width: embedding!.width)
  }

  /// Returns those of some images that have features, and the features.
  func featured(
    _ images: [CatalogueImage]
  ) throws -> (images: [CatalogueImage], vectors: Vectors)? {
    guard embedding != nil else { return nil }
    let folder = try featureFolder()
    let there = images.filter { folder.has($0.id) }
    let vectors = try Vectors(folder.features(of: there.map(\.id)), dimension: embedding!.width)
    return (there, vectors)
  }
}
