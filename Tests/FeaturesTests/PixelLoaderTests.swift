import Features
import Images
import TestSupport
import Testing

@Suite("Reading images ahead")
struct PixelLoaderTests {
  /// Images whose pixels are their number; some cannot be read.
  private struct Numbers: PixelSource {
    let count: Int
    let damaged: Set<Int>
    var size: ImageSize { ImageSize(width: 4, height: 2) }

    func name(_ index: Int) -> String { "\(index)" }
    func read(_ index: Int, into pixels: UnsafeMutableBufferPointer<Float>) throws {
      if damaged.contains(index) { throw EvaluationError("image \(index) is damaged") }
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
    let maker = try FeatureMaker(
      shape, values: SmallNetwork.values(shape), source: ImageFiles(files, view: view), batch: 2,
      wanted: .init(layers: 2, patches: true), threads: 2, kernels: kernels())
    let table = try maker.table(embedDim: 16, wanted: .init(layers: 2, patches: true))
    #expect(table.images == [0, 2, 4] && table.width == 48)
    #expect(table.values[..<48] == table.values[96...])
    #expect(table.values[..<48] != table.values[48..<96])
    #expect(table.cls.prefix(16) == table.values[16..<32])
    #expect(maker.problems.map(\.index) == [1, 3])
  }

  @Test("the mean of the patches is that of the last block's")
  func pooled() throws {
    let folder = TemporaryFolder()
    let file = folder.picture("a.png", [200, 90, 10])
    let shape = SmallNetwork.shape()
    let view = try EvaluationView(
      size: ImageSize(width: 12, height: 12), patch: 4, mean: [0, 0, 0], std: [1, 1, 1])
    let kernels = kernels()
    let wanted = Embedder.Wanted(patches: true)
    let maker = try FeatureMaker(
      shape, values: SmallNetwork.values(shape), source: ImageFiles([file], view: view), batch: 2,
      wanted: wanted, threads: 1, kernels: kernels)
    var patches: [Float] = []
    try maker.forEachBatch {
      patches = kernels.download($1.patches!.buffer); _ = $0
    }
    let table = try maker.table(embedDim: 16, wanted: wanted)
    for i in 0..<16 {
      let mean =
        stride(from: i, to: patches.count, by: 16).reduce(Float(0)) { $0 + patches[$1] } / 9
      #expect(abs(table.values[16 + i] - mean) < 1e-5)
    }
  }
}
