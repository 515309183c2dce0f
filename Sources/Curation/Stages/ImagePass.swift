import Crops
import Images
import Support
import Tensor

/// A pass over images that decodes each on one of the threads, and keeps the results batch by batch.
struct ImagePass<Result: Sendable> {
  let stage: StageName
  let context: CurationContext
  /// Computes the result of the image at an index of a list.
  let compute: @Sendable (FileList, Int) throws(ImageError) -> Result
  /// Writes the results of a batch: of each image what was computed, or why it cannot be decoded.
  let keep: ([(image: CatalogueImage, result: Swift.Result<Result, ImageError>)]) throws -> Void

  /// The fewest and the most images that are decoded between two writes; as many as take about a
  /// second.
  private static var batches: ClosedRange<Int> { 32...1024 }

  /// Goes over images. Those that the system cannot read are left for another time: then it throws,
  /// after all others are done.
  func run(_ images: [CatalogueImage]) throws {
    context.observer.began(stage, what: "images", total: images.count)
    var missing: [String] = []
    var (start, batch) = (0, Self.batches.lowerBound)
    while start < images.count {
      try context.check()
      let began = Clock.monotonic()
      let part = Array(images[start..<min(start + batch, images.count)])
      let results = try results(part)
      let outages = results.compactMap { result -> String? in
        if case .failure(let error) = result, error.isOutage { "\(error)" } else { nil }
      }
      missing += outages
      try keep(
        zip(part, results).filter { _, result in
          if case .failure(let error) = result { !error.isOutage } else { true }
        }.map { (image: $0, result: $1) })
      start += part.count
      context.observer.advanced(to: start)
      let rate = Double(part.count) / max(Clock.monotonic() - began, 1e-3)
      batch = min(max(Int(rate), Self.batches.lowerBound), Self.batches.upperBound)
    }
    guard let first = missing.first else { return }
    throw CatalogueError.failed(
      path: context.pool.path,
      detail: "\(Format.count(missing.count, "image")) cannot be read, such as \(first); "
        + "run again when they are there")
  }

  private func results(
    _ images: [CatalogueImage]
  ) throws -> [Swift.Result<Result, ImageError>] {
    let places = try images.map { image in
      (list: try context.list(image.source), index: try context.place(of: image), file: image.file)
    }
    return context.workers.map(images.count) { number in
      let place = places[number]
      return Swift.Result<Result, ImageError> { () throws(ImageError) in
        guard let index = place.index else { throw ImageError(place.file, .missing) }
        return try compute(place.list, index)
      }
    }
  }
}
