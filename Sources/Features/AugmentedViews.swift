import Crops
import Images

/// Several random views of each image, which follow each other.
package struct AugmentedViews: PixelSource {
  private let crops: GlobalCrops

  package init(_ crops: GlobalCrops) { self.crops = crops }

  /// The views of each image.
  package var each: Int { crops.views }
  package var count: Int { crops.images.count * each }
  package var channels: Int { crops.channels }
  package var size: ImageSize { ImageSize(width: crops.side, height: crops.side) }
  package func name(_ index: Int) -> String { crops.images.key(index / each) }

  package func read(_ index: Int, into pixels: UnsafeMutableBufferPointer<Float>) throws {
    try crops.write(index / each, view: index % each, into: pixels)
  }
}
