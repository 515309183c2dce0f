/// The crops of a batch, in the host's memory. Masks are drawn later, in the step itself, since
/// their ratios may change after the crops have been prepared.
///
/// The first crop of every image comes first, then the second crop of every image, and so on, for
/// global and for local crops. Crop r of either kind belongs to image r mod `images`.
package struct CropBatch: Sendable {
  /// The number of the batch in its run, from 1. For a given recipe, the number determines the
  /// batch, bit for bit.
  package var number: Int
  package var images: Int
  /// The global crops, [2·images, 3, size, size], normalised by the recipe's mean and standard
  /// deviation.
  package var globalCrops: [Float]
  package var globalCropsSize: Int
  /// The local crops, [localCropsNumber·images, 3, size, size].
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
