/// The crops of one training step, on the host. Masks are drawn apart, at the step itself, since
/// their ratios may change while crops are already prepared.
///
/// Crop 1 of every image comes first, then crop 2 of every image; local crops likewise, so that
/// row r of either belongs to image r mod `images`.
package struct CropBatch: Sendable {
  /// The step it was drawn for; the same step of the same recipe is the same batch, bit for bit.
  package var step: Int
  package var images: Int
  /// [2·images, 3, size, size], normalised by the recipe's mean and deviation.
  package var globalCrops: [Float]
  package var globalCropsSize: Int
  /// [localCropsNumber·images, 3, size, size]
  package var localCrops: [Float]
  package var localCropsSize: Int

  package init(
    step: Int, images: Int, globalCrops: [Float], globalCropsSize: Int, localCrops: [Float],
    localCropsSize: Int
  ) {
    self.step = step
    self.images = images
    self.globalCrops = globalCrops
    self.globalCropsSize = globalCropsSize
    self.localCrops = localCrops
    self.localCropsSize = localCropsSize
  }
}
