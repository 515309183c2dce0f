/// The crops of one batch, on the host. Masks are drawn apart, at the step itself, since
/// their ratios may change while crops are already prepared.
///
/// Crop 1 of every image comes first, then crop 2 of every image; local crops likewise, so that
/// row r of either belongs to image r mod `images`.
package struct CropBatch: Sendable {
  /// Its place in the run, from 1; the same number of the same recipe is the same batch, bit for bit.
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
