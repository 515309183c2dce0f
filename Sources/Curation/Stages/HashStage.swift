import Crops
import Images
import Store
import Support
import Synchronization

/// Decodes each image once, and keeps what is needed of it: its checksum, a thumbnail, and what the
/// rules ask for.
enum HashStage: Stage {
  static let name = StageName.hash
  static let isIncremental = true

  /// Images that are decoded between two writes.
  private static let batch = 512

  static func run(_ context: CurationContext) throws -> String {
    let total = try context.catalogue.count(
      "SELECT count(*) FROM images WHERE width IS NULL AND problem IS NULL")
    context.observer.began(name, what: "images", total: total)
    var (last, done) = (0, 0)
    var outage: String?
    var missing = 0
    while true {
      try context.check()
      let images = try context.catalogue.unmeasured(after: last, most: batch)
      guard let end = images.last?.id else { break }
      last = end
      let results = try measure(images, context)
      let failed = try keep(results, of: images, context)
      missing += failed.count
      outage = outage ?? failed.first
      done += images.count
      context.observer.advanced(to: done)
    }
    if let outage {
      throw CatalogueError.failed(
        path: context.pool.path,
        detail: "\(Format.count(missing, "image")) cannot be read, such as \(outage); "
          + "run again when they are there")
    }
    let broken = try context.catalogue.count(
      "SELECT count(*) FROM images WHERE problem IS NOT NULL")
    return "\(Format.count(done, "image")) decoded, \(broken) damaged in all"
  }

  /// A function of the files alone.
  static func output(_ context: CurationContext) throws -> String { "" }

  private enum Result: Sendable {
    case measured(ImageMeasures, Thumbnail?)
    case outage(String)
  }

  /// Measures images on all threads.
  private static func measure(
    _ images: [CatalogueImage], _ context: CurationContext
  ) throws -> [Result] {
    let places = try images.map { image in
      let list = try context.list(image.source)
      return (list: list, index: try context.place(of: image))
    }
    let results = Mutex([Result?](repeating: nil, count: images.count))
    context.workers.run(chunks: images.count) { number, _ in
      let place = places[number]
      let result =
        place.index.map { Self.measure(place.list, $0) }
        ?? .outage("\(images[number].file): no such file")
      results.withLock { $0[number] = result }
    }
    return results.withLock { $0.map { $0! } }
  }

  private static func measure(_ list: FileList, _ index: Int) -> Result {
    do throws(ImageError) {
      let content = try list.content(index)
      var whole: ImageSize?
      let image = try decode(
        bytes: content, name: list.path(index),
        scale: {
          whole = $0
          return .keeping(ImageMeasures.side, of: $0)
        })
      let size = whole ?? ImageSize(width: image.width, height: image.height)
      return .measured(
        ImageMeasures(of: image, whole: size, checksum: Checksum.digest(of: content)),
        Thumbnail(of: image))
    } catch {
      if error.isOutage { return .outage("\(error)") }
      var measures = ImageMeasures()
      measures.problem = "\(error)"
      return .measured(measures, nil)
    }
  }

  /// Writes results. Returns why others could not be read.
  private static func keep(
    _ results: [Result], of images: [CatalogueImage], _ context: CurationContext
  ) throws -> [String] {
    var failed: [String] = []
    var measured: [(id: Int, measures: ImageMeasures)] = []
    for (image, result) in zip(images, results) {
      switch result {
      case .outage(let reason): failed.append(reason)
      case .measured(let measures, let thumbnail):
        if let thumbnail { try context.thumbnails.put(thumbnail, of: image.id) }
        measured.append((image.id, measures))
      }
    }
    // A row says that the thumbnail is there, so that must be on the disk first.
    try context.thumbnails.flush()
    try context.catalogue.transaction { () throws(CatalogueError) in
      try context.catalogue.put(measured)
    }
    return failed
  }
}
