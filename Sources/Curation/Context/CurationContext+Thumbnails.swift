import Tensor

extension CurationContext {
  /// Thumbnails that are in memory at a time.
  private static let thumbnailBatch = 4096

  /// Returns the thumbnails of some of the images, spread evenly: as many as
  /// `duplicates.hash_sample` says.
  func thumbnailSample(of images: [CatalogueImage]) throws -> [Thumbnail] {
    let count = min(plan.duplicates.sample, images.count)
    return try (0..<count).map { try thumbnail(of: images[$0 * images.count / count].id) }
  }

  /// Returns what `body` makes of each image's thumbnail, in order; on all workers.
  func mapThumbnails<Result>(
    of images: [CatalogueImage], for stage: StageName, _ body: (Thumbnail) -> Result
  ) throws -> [Result] {
    observer.began(stage, what: "thumbnails", total: images.count)
    var results: [Result] = []
    results.reserveCapacity(images.count)
    for start in stride(from: 0, to: images.count, by: Self.thumbnailBatch) {
      try check()
      let part = try images[start..<min(start + Self.thumbnailBatch, images.count)].map {
        try thumbnail(of: $0.id)
      }
      results += workers.map(part.count) { body(part[$0]) }
      observer.advanced(to: start + part.count)
    }
    return results
  }
}
