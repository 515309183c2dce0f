import Tensor

/// The infinite stream of images that a run trains on. Every pass over the images has its own
/// permutation, so no image is drawn twice in a pass. The image at a position depends only on the
/// position and the seed.
package struct Sampler {
  /// The number of images.
  package let count: Int
  private let seed: UInt64
  private var epochs: [(epoch: Int, order: [Int32])] = []

  /// - Parameter count: the number of images, at least one.
  package init(count: Int, seed: Int) {
    precondition(count > 0)
    self.count = count
    self.seed = UInt64(truncatingIfNeeded: seed)
  }

  /// Returns the image at a position of the stream. The permutations of two passes are kept, since
  /// a batch may continue into the next pass.
  package mutating func image(at position: Int) -> Int {
    Int(order(position / count)[position % count])
  }

  private mutating func order(_ epoch: Int) -> [Int32] {
    if let known = epochs.first(where: { $0.epoch == epoch }) { return known.order }
    var random = CounterRandom(seed: seed, use: .shuffle, epoch)
    let order = random.permutation(count).map(Int32.init)
    if epochs.count > 1 { epochs.removeFirst() }
    epochs.append((epoch, order))
    return order
  }
}
