import Crops
import Recipe
import Synchronization
import Testing

@Suite struct BatchLoaderTests {
  private func bits(_ batch: CropBatch) -> [UInt32] {
    (batch.globalCrops + batch.localCrops).map(\.bitPattern)
  }

  @Test("a batch is the same to the bit for one worker and for four, and after a restart")
  func deterministic() throws {
    let source = TestSource(count: 7, make: TestSource.busy)
    var recipe = Recipe.augmented(images: 5)
    recipe.train.numWorkers = 1
    let whole = try batches(recipe, source, count: 6)
    recipe.train.numWorkers = 4
    let shared = try batches(recipe, source, count: 6)
    let resumed = try batches(recipe, source, from: 4, count: 3)
    #expect(whole.map(\.number) == [1, 2, 3, 4, 5, 6])
    #expect(resumed.map(\.number) == [4, 5, 6])
    #expect(whole.map(bits) == shared.map(bits))
    #expect(whole[3...].map(bits) == resumed.map(bits))
    #expect(Set(whole.map(bits)).count == 6)

    recipe.train.seed = 1
    #expect(try batches(recipe, source, count: 1).map(bits) != whole[..<1].map(bits))
  }

  @Test("every image comes once in an epoch, in another order each time")
  func coversEpochs() throws {
    let drawn = try batches(.plain(images: 4), TestSource(count: 10), count: 10)
    let stream = drawn.flatMap { batch in (0..<4).map(batch.index(image:)) }
    let epochs = (0..<4).map { Array(stream[$0 * 10..<$0 * 10 + 10]) }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<10)) }
    #expect(Set(epochs).count == 4)
  }

  @Test("row r of the crops belongs to image r mod images")
  func layout() throws {
    let batch = try batches(.plain(images: 3, locals: 4), TestSource(count: 9), count: 1)[0]
    #expect(batch.globalCrops.count == 2 * 3 * 3 * 8 * 8)
    #expect(batch.localCrops.count == 4 * 3 * 3 * 6 * 6)
    #expect(Set((0..<3).map(batch.index(image:))).count == 3)
    for image in 0..<3 {
      let index = Float(batch.index(image: image))
      for number in 0..<6 {
        let crop = batch.crop(number, image: image)
        let plane = crop.count / 3
        let expected = [index, 255 - index, 90].flatMap { value in
          [Float](repeating: value / 255, count: plane)
        }
        #expect(Array(crop) == expected)
      }
    }
  }

  @Test("an image that cannot be read is replaced by the next of the stream and named once")
  func replacesDamaged() throws {
    let damaged: Set = [2, 3, 8]
    let sound = try batches(.plain(images: 10), TestSource(count: 10), count: 3)
    let named = Mutex<[String]>([])
    let loader = BatchLoader(
      recipe: .plain(images: 10), source: TestSource(count: 10, damaged: damaged)
    ) { problem in named.withLock { $0.append(problem) } }
    loader.start(batch: 1)
    defer { loader.stop() }
    for whole in sound {
      let order = (0..<10).map(whole.index(image:))
      let batch = try loader.next()
      for slot in 0..<10 {
        let later = (0..<10).map { order[(slot + $0) % 10] }
        #expect(batch.index(image: slot) == later.first { !damaged.contains($0) })
      }
    }
    #expect(
      named.withLock { $0.sorted() } == [2, 3, 8].map { "image \($0) is damaged" })
  }

  @Test("where no image can be read, the batch fails and says why")
  func allDamaged() throws {
    let source = TestSource(count: 3, damaged: [0, 1, 2])
    let loader = BatchLoader(recipe: .plain(images: 2), source: source) { _ in }
    loader.start(batch: 1)
    defer { loader.stop() }
    let error = try #require(throws: SourceError.self) { _ = try loader.next() }
    #expect(error.description.contains("none of its 3 images can be read"))
    #expect(error.description.contains("is damaged"))
    #expect(!error.description.contains("\n"))
  }

  @Test("a loader can be stopped half way and started at another step")
  func startsAgain() throws {
    let source = TestSource(count: 30)
    let loader = BatchLoader(recipe: .plain(images: 4), source: source) { _ in }
    loader.start(batch: 1)
    _ = try loader.next()
    loader.stop()
    loader.start(batch: 9)
    let batch = try loader.next()
    loader.stop()
    let expected = try batches(.plain(images: 4), source, from: 9, count: 1)[0]
    #expect(batch.number == 9)
    #expect(bits(batch) == bits(expected))
  }
}
