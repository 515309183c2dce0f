import Images
import Recipe
import Support
import Tensor

/// Prepares the crops of the next batches on its own threads, so that the engine does not wait.
///
/// Batches are numbered through all ranks of a run. A loader makes those of the ranks of its process.
/// The threads share the work image by image. No result depends on which thread makes which crop.
/// One thread calls `start`, `next` and `stop`.
package final class BatchLoader: @unchecked Sendable {
  /// The number of batches that are ready or being made: those of the next step of all ranks of the
  /// process, and three more.
  private static func depth(_ ranks: Int) -> Int { ranks + 3 }
  /// The niceness of the loader's threads, which makes them yield to the engine's. An engine thread
  /// that loses its core delays all others at the end of a kernel. A crop can wait while batches
  /// are ready; if none is, the engine waits and leaves the cores to the loader.
  private static let niceness: Int32 = 10

  /// Returns the most bytes that a recipe's batches take in a process: those that are ready or being
  /// made, those that the engine trains on, and the copy of a finished one.
  package static func mostBytes(_ recipe: Recipe, place: ProcessPlace = .only) -> Int {
    let ranks = Ranks(world: recipe.train.world, of: place).local.count
    let crops = recipe.crops
    let pixels =
      2 * crops.globalCropsSize * crops.globalCropsSize
      + crops.localCropsNumber * crops.localCropsSize * crops.localCropsSize
    return 4 * (depth(ranks) + ranks + 1) * recipe.train.batchSizePerGPU * recipe.data.channels
      * pixels
  }

  private let augmentation: Augmentation
  private let reader: StreamReader
  private let images: Int
  private let ranks: Ranks
  private let workers: Int

  /// Guards everything below.
  private let monitor = Monitor()
  private var queue: [BatchInProgress] = []
  private var numbers = BatchNumbers(first: 1, .one)
  /// Added to the stream position that a batch's number implies. It is not zero if earlier batches
  /// had another size.
  private var shift = 0
  private var isRunning = false
  private var failure: (any Error)?
  private var threads: [PosixThread] = []

  /// - Parameters:
  ///   - place: the process whose ranks' batches are made.
  ///   - onProblem: called once for each image that cannot be used, on any thread.
  package init(
    recipe: Recipe, source: any ImageSource, place: ProcessPlace = .only,
    onProblem: @escaping @Sendable (String) -> Void
  ) {
    augmentation = Augmentation(AugmentationRecipe(recipe), seed: recipe.train.seed)
    reader = StreamReader(
      source, format: SampleFormat(recipe), seed: recipe.train.seed, onProblem: onProblem)
    images = recipe.train.batchSizePerGPU
    ranks = Ranks(world: recipe.train.world, of: place)
    workers = Self.threads(recipe, place)
  }

  /// Returns the number of threads that prepare images for a recipe: `train.num_workers`, or one
  /// per core, of which the processes on a host have their shares.
  package static func threads(_ recipe: Recipe, _ place: ProcessPlace = .only) -> Int {
    WorkerPool.count(recipe.train.numWorkers, of: place)
  }

  /// Starts the threads.
  ///
  /// - Parameters:
  ///   - batch: the number of the first rank's first batch, from 1.
  ///   - position: the number of images of the stream before it; `nil` if all earlier batches have
  ///     the same size.
  package func start(batch: Int, position: Int? = nil) {
    stop()
    numbers = BatchNumbers(first: batch, ranks)
    shift = (position ?? (batch - 1) * images) - (batch - 1) * images
    isRunning = true
    failure = nil
    threads = (0..<workers).map { _ in startThread() }
  }

  /// Waits for the next batch. Throws if no image can be read, and `DataOutage` if the system cannot
  /// read one; the loader has to be started again then.
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

  /// Returns whether the image of an outage can be read again. Reads it to find out.
  package func isOver(_ outage: DataOutage) -> Bool { reader.isOver(outage) }

  /// Stops the threads and drops the prepared batches.
  package func stop() {
    monitor.locked {
      isRunning = false
      monitor.wakeAll()
    }
    for thread in threads { thread.join() }
    threads = []
    queue = []
  }

  private func startThread() -> PosixThread {
    do {
      return try PosixThread(niceness: Self.niceness) { [self] in work() }
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private func work() {
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

  /// Returns the next image to work on: its batch and its index in it. Waits while enough batches
  /// are prepared. Returns `nil` once the loader has stopped or failed.
  private func take() -> (BatchInProgress, Int)? {
    monitor.locked {
      while isRunning && failure == nil {
        if let open = queue.first(where: { $0.taken < images }) {
          open.taken += 1
          return (open, open.taken - 1)
        }
        if queue.count < Self.depth(ranks.local.count) {
          queue.append(
            BatchInProgress(number: numbers.next(), images: images, augmentation.recipe))
        } else {
          monitor.wait()
        }
      }
      return nil
    }
  }

  private func prepare(_ batch: BatchInProgress, _ slot: Int) throws {
    let position = (batch.number - 1) * images + shift + slot
    let image = try reader.image(at: position) { [augmentation] in
      augmentation.scale(of: $0, position: position)
    }
    for number in 0..<augmentation.recipe.crops {
      augmentation.crop(
        image, position: position, number: number, into: batch.destination(of: number, image: slot))
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

/// The numbers of the batches of a process's ranks, in order.
private struct BatchNumbers {
  private let ranks: Ranks
  private var row: Int
  private var local = 0

  /// - Parameter first: the number of the first rank's first batch.
  init(first: Int, _ ranks: Ranks) {
    self.ranks = ranks
    row = first
  }

  mutating func next() -> Int {
    defer {
      local += 1
      if local == ranks.local.count { (local, row) = (0, row + ranks.world) }
    }
    return row + ranks.local.lowerBound + local
  }
}
