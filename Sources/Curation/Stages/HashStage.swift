import Crops
import Images
import Store
import Support

/// Decodes each image once, and keeps what is needed of it: its checksum, a thumbnail, and what the
/// rules ask for.
enum HashStage: Stage {
  static let name = StageName.hash
  static let isIncremental = true

  static func run(_ context: CurationContext) throws -> String {
    let images = try context.catalogue.unmeasured()
    try ImagePass(
      stage: name, context: context,
      compute: { (list, index) throws(ImageError) in try measure(list, index) },
      keep: { try keep($0, context) }
    ).run(images)
    let broken = try context.catalogue.count(
      "SELECT count(*) FROM images WHERE problem IS NOT NULL")
    return "\(Format.count(images.count, "image")) decoded, \(Format.count(broken)) damaged in all"
  }

  /// A function of the files alone.
  static func output(_ context: CurationContext) throws -> String { "" }

  private static func measure(
    _ list: FileList, _ index: Int
  ) throws(ImageError) -> (ImageMeasures, Thumbnail) {
    let content = try list.content(index)
    var whole: ImageSize?
    let image = try decode(
      bytes: content, name: list.path(index),
      scale: {
        whole = $0
        return .keeping(ImageMeasures.side, of: $0)
      })
    let size = whole ?? ImageSize(width: image.width, height: image.height)
    let measures = ImageMeasures(of: image, whole: size, checksum: Checksum.digest(of: content))
    return (measures, Thumbnail(of: image))
  }

  private static func keep(
    _ results: [(image: CatalogueImage, result: Result<(ImageMeasures, Thumbnail), ImageError>)],
    _ context: CurationContext
  ) throws {
    var measured: [(id: Int, measures: ImageMeasures)] = []
    for (image, result) in results {
      switch result {
      case .success((let measures, let thumbnail)):
        try context.thumbnails.put(thumbnail, of: image.id)
        measured.append((image.id, measures))
      case .failure(let error): measured.append((image.id, ImageMeasures(problem: "\(error)")))
      }
    }
    // A row says that the thumbnail is there, so that must be on the disk first.
    try context.thumbnails.flush()
    try context.catalogue.transaction { () throws(CatalogueError) in
      try context.catalogue.put(measured)
    }
  }
}
