/// A batch whose images are being prepared.
final class BatchInProgress: @unchecked Sendable {
  let number: Int
  private let images: Int
  private let recipe: AugmentationRecipe
  /// Written by many threads, each its own crops.
  private var global: UnsafeMutableBufferPointer<Float>
  private var local: UnsafeMutableBufferPointer<Float>
  private(set) var crops: CropBatch

  /// Guarded by the loader's monitor.
  var taken = 0
  var done = 0
  var isReady = false

  init(number: Int, images: Int, _ recipe: AugmentationRecipe) {
    self.number = number
    self.images = images
    self.recipe = recipe
    let (globalSide, localSide) = (recipe.global[0].size, recipe.local.size)
    global = .allocate(capacity: 2 * images * 3 * globalSide * globalSide)
    local = .allocate(capacity: recipe.localCount * images * 3 * localSide * localSide)
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

  /// Where a crop of an image goes: all images' crop 1, then all images' crop 2, and so on.
  func place(of number: Int, image: Int) -> UnsafeMutableBufferPointer<Float> {
    let isGlobal = number < 2
    let side = isGlobal ? recipe.global[0].size : recipe.local.size
    let size = 3 * side * side
    let start = ((isGlobal ? number : number - 2) * images + image) * size
    return .init(rebasing: (isGlobal ? global : local)[start..<start + size])
  }

  /// Makes the batch of what was written. Called once, by whoever wrote last.
  func finish() {
    crops.globalCrops = Array(global)
    crops.localCrops = Array(local)
    release()
  }
}
