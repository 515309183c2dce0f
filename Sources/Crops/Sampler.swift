import Tensor

/// The endless stream of images that a run draws from: every epoch a permutation of its own, so that
/// no image comes twice before all came once. A pure function of seed and place in the stream.
struct Sampler {
  let count: Int
  private let seed: UInt64
  private var epochs: [(epoch: Int, order: [Int32])] = []

  init(count: Int, seed: Int) {
    precondition(count > 0)
    self.count = count
    self.seed = UInt64(truncatingIfNeeded: seed)
  }

  /// The image at a place of the stream. The permutations of two epochs are kept, since a batch may
  /// lie across their border.
  mutating func image(at place: Int) -> Int { Int(order(place / count)[place % count]) }

  private mutating func order(_ epoch: Int) -> [Int32] {
    if let known = epochs.first(where: { $0.epoch == epoch }) { return known.order }
    var random = CounterRandom(seed: seed, use: .shuffle, epoch)
    let order = random.permutation(count).map(Int32.init)
    if epochs.count > 1 { epochs.removeFirst() }
    epochs.append((epoch, order))
    return order
  }
}
