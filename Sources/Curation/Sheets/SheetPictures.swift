import Images
import Tensor

/// The pictures of a sheet, small.
package struct SheetPictures: Sendable {
  /// The longest side of a picture, in pixels.
  static let side = 112

  private let pictures: [Int: RGBImage]

  /// Decodes the images of a sheet. One that cannot be is left out.
  package init(_ sheet: Sheet, _ context: CurationContext) throws {
    let images = sheet.images.filter { $0.problem == nil }
    let source = try PoolImages(images, context)
    let found = context.workers.map(images.count) { number in
      (try? source.image(number) { .keeping(Self.side, of: $0) }).map(Self.small)
    }
    pictures = Dictionary(
      uniqueKeysWithValues: zip(images, found).compactMap { image, picture in
        picture.map { (image.id, $0) }
      })
  }

  subscript(image: CatalogueImage) -> RGBImage? { pictures[image.id] }

  private static func small(_ image: RGBImage) -> RGBImage {
    let longest = max(image.width, image.height)
    guard longest > side else { return image }
    return image.resized(
      toWidth: max(1, image.width * side / longest),
      toHeight: max(1, image.height * side / longest), filter: .bilinear)
  }
}
