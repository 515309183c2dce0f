/// A batch whose crops are being made.
final class BatchInProgress: @unchecked Sendable {
  let number: Int
  private let images: Int
  private let recipe: AugmentationRecipe
  /// Several threads write at the same time, each its own crops.
  private var global: UnsafeMutableBufferPointer<Float>
  private var local: UnsafeMutableBufferPointer<Float>
  private(set) var crops: CropBatch

  /// The number of images that threads have taken, and of images whose crops are done. The
  /// loader's monitor guards these and `isReady`.
  var taken = 0
  var done = 0
  var isReady = false

  init(number: Int, images: Int, _ recipe: AugmentationRecipe) {
    self.number = number
    self.images = images
    self.recipe = recipe
    let (globalSide, localSide) = (recipe.global[0].size, recipe.local.size)
    let channels = recipe.mean.count
    global = .allocate(capacity: 2 * images * channels * globalSide * globalSide)
    local = .allocate(capacity: recipe.localCount * images * channels * localSide * localSide)
    crops = CropBatch(
      number: number, images: images, globalCrops: [], globalCropsSize: globalSide, localCrops: [],
      localCropsSize: localSide)
  }

  deinit { release() }

  private func release() {
    global.deallocate()
    local.deallocate()
    global = .init(start: nil, count: 0)
    local = .init(start: nil, count: 0)
  }

  /// Returns the memory of a crop. Crops are ordered by their number first and by image second,
  /// separately for global and local crops.
  func destination(of number: Int, image: Int) -> UnsafeMutableBufferPointer<Float> {
    let isGlobal = number < 2
    let side = isGlobal ? recipe.global[0].size : recipe.local.size
    let size = recipe.mean.count * side * side
    let start = ((isGlobal ? number : number - 2) * images + image) * size
    return .init(rebasing: (isGlobal ? global : local)[start..<start + size])
  }

  /// Stores what was written in `crops`. Called once, by the thread that wrote last.
  func finish() {
    crops.globalCrops = Array(global)
    crops.localCrops = Array(local)
    release()
  }
}
