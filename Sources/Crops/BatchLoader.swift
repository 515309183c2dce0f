import Recipe
import Support
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// Prepares the crops of the coming batches on threads of its own, so that the engine never waits.
///
/// Threads share the work image by image; who does what changes nothing. One thread calls `start`,
/// `next` and `stop`.
package final class BatchLoader: @unchecked Sendable {
  /// Batches that are ready or being made.
  private static let depth = 4
  /// How much its threads give way to the engine's. A worker that loses its core holds all others up
  /// at the end of a kernel; a crop can wait as long as batches lie ready, and when none does the
  /// engine waits and leaves the cores to the loader.
  private static let niceness: Int32 = 10

  /// Bytes of the batches that a recipe's loader has in memory at the most: those that are ready or
  /// being made, the one that is learned from, and a copy of the one that has just been made.
  package static func mostBytes(_ recipe: Recipe) -> Int {
    let crops = recipe.crops
    let pixels =
      2 * crops.globalCropsSize * crops.globalCropsSize
      + crops.localCropsNumber * crops.localCropsSize * crops.localCropsSize
    return 4 * (depth + 2) * recipe.train.batchSizePerGPU * 3 * pixels
  }

  private let augmentation: Augmentation
  private let reader: StreamReader
  private let images: Int
  private let workers: Int

  /// All below is guarded by `monitor`.
  private let monitor = Monitor()
  private var queue: [BatchInProgress] = []
  private var nextNumber = 1
  /// What the place of a batch's first image is beyond that of batches of this size from the first.
  private var shift = 0
  private var isRunning = false
  private var failure: (any Error)?
  private var threads: [pthread_t] = []

  /// - Parameter onProblem: told once of each image that cannot be used, from any thread.
  package init(
    recipe: Recipe, source: any ImageSource, onProblem: @escaping @Sendable (String) -> Void
  ) {
    augmentation = Augmentation(AugmentationRecipe(recipe), seed: recipe.train.seed)
    reader = StreamReader(source, seed: recipe.train.seed, onProblem: onProblem)
    images = recipe.train.batchSizePerGPU
    workers = Self.threads(recipe)
  }

  /// The threads that prepare images for a recipe: `train.num_workers`, or one for each core.
  package static func threads(_ recipe: Recipe) -> Int {
    let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    return recipe.train.numWorkers > 0 ? recipe.train.numWorkers : max(1, cores)
  }

  /// Begins with a batch, by its number from 1; the threads run from here on. `place`: how many
  /// images of the stream came before it, where earlier batches had another size.
  package func start(batch: Int, place: Int? = nil) {
    stop()
    nextNumber = batch
    shift = (place ?? (batch - 1) * images) - (batch - 1) * images
    isRunning = true
    failure = nil
    threads = (0..<workers).map { _ in startThread() }
  }

  /// The next batch, once it is ready.
  package func next() throws -> CropBatch {
    let batch = try monitor.locked {
      while true {
        if let failure { throw failure }
        precondition(isRunning, "the loader was not started")
        if let first = queue.first, first.isReady { break }
        monitor.wait()
      }
      let batch = queue.removeFirst()
      monitor.wakeAll()
      return batch
    }
    return batch.crops
  }

  /// Ends the threads; what was prepared is dropped.
  package func stop() {
    monitor.locked {
      isRunning = false
      monitor.wakeAll()
    }
    for thread in threads { pthread_join(thread, nil) }
    threads = []
    queue = []
  }

  private func startThread() -> pthread_t {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { raw in
        Unmanaged<BatchLoader>.fromOpaque(raw!).takeRetainedValue().work()
        return nil
      }, argument.toOpaque())
    precondition(code == 0, "no thread could be started")
    return thread
  }

  private func work() {
    // On Linux a thread has a niceness of its own.
    _ = nice(Self.niceness)
    while let (batch, slot) = take() {
      do {
        try prepare(batch, slot)
      } catch {
        monitor.locked {
          failure = failure ?? error
          monitor.wakeAll()
        }
        return
      }
    }
  }

  /// An image that nobody works on yet; waits where enough is prepared, nil when all is over.
  private func take() -> (BatchInProgress, Int)? {
    monitor.locked {
      while isRunning && failure == nil {
        if let open = queue.first(where: { $0.taken < images }) {
          open.taken += 1
          return (open, open.taken - 1)
        }
        if queue.count < Self.depth {
          queue.append(BatchInProgress(number: nextNumber, images: images, augmentation.recipe))
          nextNumber += 1
        } else {
          monitor.wait()
        }
      }
      return nil
    }
  }

  private func prepare(_ batch: BatchInProgress, _ slot: Int) throws {
    let place = (batch.number - 1) * images + shift + slot
    let image = try reader.image(at: place) { [augmentation] in
      augmentation.scale(of: $0, place: place)
    }
    for number in 0..<augmentation.recipe.crops {
      augmentation.crop(
        image, place: place, number: number, into: batch.place(of: number, image: slot))
    }
    let isLast = monitor.locked {
      batch.done += 1
      return batch.done == images
    }
    guard isLast else { return }
    batch.finish()
    monitor.locked {
      batch.isReady = true
      monitor.wakeAll()
    }
  }
}
