import Crops
import Images

/// Images of a pool as a data set: those of several sources, one after the other.
struct PoolImages: ImageSource {
  let name = "pool"
  let classes: [String] = []
  private let places: [(list: FileList, index: Int)]

  /// Finds images. Throws if the file of one is gone since it was listed.
  init(_ images: [CatalogueImage], _ context: CurationContext) throws {
    places = try images.map { image in
      guard let index = try context.place(of: image) else {
        throw CatalogueError.failed(
          path: image.file, detail: "is gone since the images were listed; run again")
      }
      return (try context.list(image.source), index)
    }
  }

  var count: Int { places.count }
  func key(_ index: Int) -> String { places[index].list.path(places[index].index) }
  func label(_ index: Int) -> Int? { nil }

  func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    try places[index].list.image(places[index].index, scale: scale)
  }

  func samples(
    _ index: Int, format: SampleFormat, scale: @escaping ScaleChoice
  ) throws -> SampleImage {
    try places[index].list.samples(places[index].index, format: format, scale: scale)
  }
}
