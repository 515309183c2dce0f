import Crops
import Features
import Images
import TestSupport
import Testing

@Suite("Reading images ahead")
struct PixelLoaderTests {
  /// Images whose pixels equal their number. Some cannot be read.
  private struct Numbers: PixelSource {
    let count: Int
    let damaged: Set<Int>
    var channels: Int { 3 }
    var size: ImageSize { ImageSize(width: 4, height: 2) }

    func name(_ index: Int) -> String { "\(index)" }
    func read(_ index: Int, into pixels: UnsafeMutableBufferPointer<Float>) throws {
      if damaged.contains(index) { throw FeatureError("image \(index) is damaged") }
      pixels.update(repeating: Float(index))
    }
  }

  @Test(
    "images come in order, whoever read them, and those that cannot be read are passed over",
    arguments: [1, 2, 5], [2, 3, 64])
  func order(threads: Int, ahead: Int) {
    let source = Numbers(count: 50, damaged: [0, 7, 8, 9, 49])
    let loader = PixelLoader(source, ahead: ahead, threads: threads)
    defer { loader.stop() }
    var seen: [Int] = []
    while let (index, pixels) = loader.next() {
      #expect(pixels.count == 24 && pixels.allSatisfy { $0 == Float(index) })
      seen.append(index)
    }
    #expect(seen == (0..<50).filter { !source.damaged.contains($0) })
    #expect(loader.problems.map(\.index) == source.damaged.sorted())
    #expect(loader.problems.first?.reason == "image 0 is damaged")
  }

  @Test("a loader that is given up in the middle ends its threads")
  func givenUp() {
    let loader = PixelLoader(Numbers(count: 1000, damaged: []), ahead: 4, threads: 3)
    #expect(loader.next()?.index == 0)
    loader.stop()
  }

  @Test("features are made of every image that can be read, batch by batch")
  func features() throws {
    let folder = TemporaryFolder()
    let files = [
      folder.picture("a.png", [200, 10, 10]), folder.write("no picture", to: "b.png"),
      folder.picture("c.png", [10, 10, 200]), folder.write("", to: "d.png"),
      folder.picture("e.png", [200, 10, 10]),
    ]
    let shape = SmallNetwork.shape()
    let view = try EvaluationView(
      size: ImageSize(width: 12, height: 12), patch: 4, mean: [0, 0, 0], std: [1, 1, 1])
    let extractor = try FeatureExtractor(
      shape, values: SmallNetwork.values(shape), source: ImageViews(FileList(files), view: view),
      batch: 2,
      selection: .init(layers: 2, patches: true), threads: 2, kernels: kernels())
    let (table, problems) = try extractor.table()
    #expect(table.images == [0, 2, 4] && table.width == 48)
    #expect(table.values[..<48] == table.values[96...])
    #expect(table.values[..<48] != table.values[48..<96])
    #expect(table.cls.prefix(16) == table.values[16..<32])
    #expect(problems.map(\.index) == [1, 3])
  }

  @Test("any function of pixels gives features of the images that can be read, batch by batch")
  func table() throws {
    let source = Numbers(count: 10, damaged: [0, 4, 9])
    var sizes: [Int] = []
    let (table, problems) = try PixelBatches(source, size: 3, ahead: 2, threads: 2).table {
      (pixels: [Float]) in
      sizes.append(pixels.count / 24)
      return stride(from: 0, to: pixels.count, by: 24).flatMap { [pixels[$0], -pixels[$0 + 23]] }
    }
    #expect(sizes == [3, 3, 1] && problems.map(\.index) == [0, 4, 9])
    #expect(table.images == [1, 2, 3, 5, 6, 7, 8])
    let expected = table.images.flatMap { [Float($0), -Float($0)] }
    #expect(table.cls == expected)

    let none = Numbers(count: 3, damaged: [0, 1, 2])
    let error = #expect(throws: FeatureError.self) {
      try PixelBatches(none, size: 3, ahead: 2, threads: 2).table { $0 }
    }
    #expect(
      error?.description == "none of the 3 images can be read; the first: image 0 is damaged")
  }

  @Test("raw pixels are averaged over squares until a side has no more than 64")
  func rawPixels() {
    #expect(
      RawPixels.width(64, channels: 3) == 3 * 64 * 64
        && RawPixels.width(130, channels: 3) == 3 * 43 * 43)
    let small = numbers(2 * 3 * 64 * 64)
    #expect(RawPixels.features(small, size: 64) == small)
    // Squares of two pixels. The last row and column belong to no square.
    let size = 127
    let planes = (0..<3 * size * size).map { index -> Float in
      let (plane, y, x) = (index / (size * size), index / size % size, index % size)
      return Float(plane * 1000 + y / 2 * 64 + x / 2)
    }
    let features = RawPixels.features(planes, size: size)
    #expect(features.count == 3 * 63 * 63 && RawPixels.width(size, channels: 3) == features.count)
    #expect(features[63 * 2 + 5] == 133)
    #expect(features.last == 6030)
  }

  @Test("the mean of the patches is that of the last block's")
  func pooled() throws {
    let folder = TemporaryFolder()
    let file = folder.picture("a.png", [200, 90, 10])
    let shape = SmallNetwork.shape()
    let view = try EvaluationView(
      size: ImageSize(width: 12, height: 12), patch: 4, mean: [0, 0, 0], std: [1, 1, 1])
    let kernels = kernels()
    let selection = Embedder.Selection(patches: true)
    let extractor = try FeatureExtractor(
      shape, values: SmallNetwork.values(shape), source: ImageViews(FileList([file]), view: view),
      batch: 2,
      selection: selection, threads: 1, kernels: kernels)
    var patches: [Float] = []
    try extractor.forEachBatch {
      patches = kernels.download($1.patches!.buffer); _ = $0
    }
    let table = try extractor.table().table
    for i in 0..<16 {
      let mean =
        stride(from: i, to: patches.count, by: 16).reduce(Float(0)) { $0 + patches[$1] } / 9
      #expect(abs(table.values[16 + i] - mean) < 1e-5)
    }
  }
}
