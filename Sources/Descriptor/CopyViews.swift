import Crops
import Images
import Synchronization
import Tensor

/// The batches of a descriptor's training: two views of each of some images. What is drawn depends on
/// the seed and the step alone, not on the number of threads.
final class CopyViews {
  private let source: any ImageSource
  private let settings: DescriptorSettings
  private let workers: WorkerPool
  private let onProblem: @Sendable (String) -> Void
  private let view: CopyView
  private var sampler: Sampler
  private let unreadable = Unreadable()

  init(
    _ source: any ImageSource, _ settings: DescriptorSettings, workers: WorkerPool,
    onProblem: @escaping @Sendable (String) -> Void
  ) {
    (self.source, self.settings, self.workers) = (source, settings, workers)
    self.onProblem = onProblem
    view = CopyView(size: settings.size)
    sampler = Sampler(count: source.count, seed: Int(settings.seed))
  }

  /// Returns the first views of all images of a step, then the second ones, [2·images, 3, size, size].
  func batch(_ step: Int) throws -> [Float] {
    let count = settings.images
    let each = 3 * settings.size * settings.size
    let order = (0..<count).map { sampler.image(at: step * count + $0) }
    let images = try workers.map(count) { slot in Result { try self.image(order[slot], step, slot) }
    }
    .map { try $0.get() }
    var views = [Float](repeating: 0, count: 2 * count * each)
    views.withUnsafeMutableBufferPointer { views in
      // Threads write different views.
      nonisolated(unsafe) let views = views
      workers.run(chunks: 2 * count) { number, _ in
        var random = CounterRandom(
          seed: settings.seed, use: .copy, step, number % count, number / count)
        let other = images[(number % count + 1 + random.below(count - 1)) % count]
        self.view.of(images[number % count], other: other, &random).normalised(
          mean: self.settings.mean, std: self.settings.std,
          into: .init(rebasing: views[number * each..<(number + 1) * each]))
      }
    }
    return views
  }

  /// Returns an image or, if it cannot be read, another one.
  private func image(_ index: Int, _ step: Int, _ slot: Int) throws -> RGBImage {
    var random = CounterRandom(seed: settings.seed, use: .copy, step, slot, 2)
    var index = index
    var first: (any Error)?
    for _ in 0..<100 {
      do {
        let side = 3 * settings.size / 2
        return try source.image(index) { .keeping(side, of: $0) }
      } catch {
        first = first ?? error
        if unreadable.isNew(index) { onProblem("\(error)") }
        index = random.below(source.count)
      }
    }
    throw first!
  }
}

/// The images that cannot be read.
private final class Unreadable: Sendable {
  private let indices = Mutex<Set<Int>>([])

  func isNew(_ index: Int) -> Bool { indices.withLock { $0.insert(index).inserted } }
}
