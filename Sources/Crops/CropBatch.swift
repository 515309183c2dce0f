/// The crops of one batch, in the host's memory. Masks are drawn later, at the step itself, since
/// their ratios may change after the crops have been prepared.
///
/// The first crop of every image comes first, then the second crop of every image, and so on for
/// global and for local crops; crop r of either kind belongs to image r mod `images`.
package struct CropBatch: Sendable {
  /// The number of the batch in its run, from 1. The same number of the same recipe is the same
  /// batch, bit for bit.
  package var number: Int
  package var images: Int
  /// [2·images, 3, size, size], normalised by the recipe's mean and deviation.
  package var globalCrops: [Float]
  package var globalCropsSize: Int
  /// [localCropsNumber·images, 3, size, size]
  package var localCrops: [Float]
  package var localCropsSize: Int

  package init(
    number: Int, images: Int, globalCrops: [Float], globalCropsSize: Int, localCrops: [Float],
    localCropsSize: Int
  ) {
    self.number = number
    self.images = images
    self.globalCrops = globalCrops
    self.globalCropsSize = globalCropsSize
    self.localCrops = localCrops
    self.localCropsSize = localCropsSize
  }
}
