import Images
import Synchronization

/// The pictures of a sheet, small.
package struct SheetPictures: Sendable {
  /// The longest side of a picture, in pixels.
  static let side = 112

  private let pictures: [Int: RGBImage]

  /// Decodes the images of a sheet. One that cannot be is left out.
  package init(_ sheet: Sheet, _ context: CurationContext) throws {
    let images = sheet.images.filter { $0.problem == nil }
    let source = try PoolImages(images, context)
    let found = Pictures(count: images.count)
    context.workers.run(chunks: images.count) { number, _ in
      let image = try? source.image(number) { .keeping(Self.side, of: $0) }
      found.set(number, image.map(Self.small))
    }
    pictures = Dictionary(
      uniqueKeysWithValues: zip(images, found.all).compactMap { image, picture in
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

/// Pictures that several threads fill in.
final class Pictures: Sendable {
  private let pictures: Mutex<[RGBImage?]>

  init(count: Int) { pictures = Mutex(Array(repeating: nil, count: count)) }

  func set(_ index: Int, _ picture: RGBImage?) { pictures.withLock { $0[index] = picture } }

  var all: [RGBImage?] { pictures.withLock { $0 } }
}
