import Crops
import Features
import Images
import Tensor
import TestSupport
import Testing

@Suite struct ChannelStatisticsTests {
  private let folder = TemporaryFolder()

  /// Writes a grey file of 16 bits.
  private func grey(_ name: String, _ values: [Int], width: Int) {
    let header = Array("P5\n\(width) \(values.count / width)\n65535\n".utf8)
    folder.write(
      header + values.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }, to: "images/\(name).pgm")
  }

  private func statistics(
    _ channels: Int, _ percentiles: ClosedRange<Double>? = nil, threads: Int = 2
  ) throws -> ChannelStatistics {
    let source = try FileSource(path: folder.file("images"), cacheBytes: 0)
    return try ChannelMeasurement(
      source, channels: channels, workers: WorkerPool(threads: threads)
    ).statistics(percentiles: percentiles) { _ in }
  }

  @Test("mean and deviation are those of all pixels, whatever their files' sizes")
  func all() throws {
    grey("a", [0, 65535, 0, 65535, 0, 65535], width: 3)
    grey("b", [13107, 13107], width: 2)
    folder.write(Array("no image".utf8), to: "images/c.pgm")
    for threads in [1, 3] {
      let found = try statistics(1, threads: threads)
      #expect(found.images == 2 && found.problems.count == 1 && found.range.isEmpty)
      #expect(abs(found.mean[0] - (3 + 0.4) / 8) < 1e-7)
      let square: Double = (3 + 2 * 0.04) / 8
      #expect(abs(found.std[0] - (square - 0.425 * 0.425).squareRoot()) < 1e-7)
    }
  }

  @Test("percentiles become the range, and values beyond it are clamped before they are measured")
  func percentiles() throws {
    grey("a", Array(1000...1100) + [60_000], width: 6)
    let found = try statistics(1, 0...99)
    #expect(found.range == [1000...1100])
    let values = (0...100).map { Double($0) / 100 } + [1]
    let mean = values.reduce(0, +) / 102
    #expect(abs(found.mean[0] - mean) < 1e-6)
    let error = #expect(throws: FeatureError.self) { _ = try statistics(1, 99.9...100) }
    #expect(error?.description.hasPrefix("channel 1 of the images has the same value") == true)
  }

  @Test("images of 8 bits in three channels are measured as training reads them")
  func colours() throws {
    folder.picture("images/a.png", [255, 0, 51])
    folder.picture("images/b.png", [0, 0, 51])
    let found = try statistics(3)
    for (mean, expected) in zip(found.mean, [0.5, 0, 0.2]) { #expect(abs(mean - expected) < 1e-6) }
    for (std, expected) in zip(found.std, [0.5, 0, 0]) { #expect(abs(std - expected) < 1e-4) }
    let error = #expect(throws: FeatureError.self) { _ = try statistics(5) }
    #expect(error?.description.contains("data.channels is 5") == true)
  }
}
