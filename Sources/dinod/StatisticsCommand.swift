import CommandKit
import Crops
import Features
import Settings
import Support
import Tensor

extension Subcommand {
  static let statistics = Subcommand(
    name: "statistics", operands: "IMAGES", count: 1...1,
    summary: "measure the mean, deviation and range of each channel of images, for a recipe",
    options: [
      Option("--channels", "N", "channels of an image; by default 3: red, green and blue"),
      Option(
        "--percentiles", "LOW,HIGH",
        "percentiles of the samples that become 0 and 1, such as 0.1,99.9; by default samples are "
          + "scaled by their type"),
      Option("--count", "N", "how many images, drawn from all; by default 10000; 0: all"),
      Option("--threads", "N", "threads; by default one per core"),
    ]
  ) { try StatisticsCommand($0).run() }
}

/// Measures the channels of a data set and prints the keys of a recipe that follow.
private struct StatisticsCommand {
  private let path: String
  private let source: any ImageSource
  private let channels: Int
  private let percentiles: ClosedRange<Double>?
  private let threads: Int

  init(_ arguments: Arguments) throws {
    path = arguments.operands[0]
    channels = try arguments.integer("--channels", in: 1...1024) ?? 3
    percentiles = try arguments.value("--percentiles").map(Self.percentiles)
    threads = try arguments.integer("--threads", in: 0...1024) ?? 0
    let count = try arguments.integer("--count", in: 0...1_000_000_000) ?? 10_000
    let files = try FileSource(path: path, cacheBytes: 0)
    tell(files.notices)
    source =
      count == 0 || files.count <= count
      ? files
      : SubsetSource(files, indices: HoldOut.sample(count, of: files.files))
  }

  private static func percentiles(_ text: String) throws -> ClosedRange<Double> {
    let ends = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard ends.count == 2, let low = ends[0], let high = ends[1], 0 <= low, low < high, high <= 100
    else {
      throw UsageError(
        "--percentiles", takes: "two numbers from 0 to 100, the smaller first, such as 0.1,99.9",
        not: text)
    }
    return low...high
  }

  func run() throws -> Int32 {
    let passes = percentiles == nil ? 1 : 2
    let progress = ProgressLine("images", total: passes * source.count)
    let measurement = ChannelMeasurement(
      source, channels: channels, workers: WorkerPool(threads: threads))
    let found = try measurement.statistics(percentiles: percentiles) { progress.update($0) }
    progress.end()
    printSkipped(found.problems, of: source.count)
    print("# \(Format.count(found.images, "image")) of \(path)")
    print("data:")
    print("  channels: \(channels)")
    if !found.range.isEmpty {
      print("  range_min: \(list(found.range.map { Double("\($0.lowerBound)")! }))")
      print("  range_max: \(list(found.range.map { Double("\($0.upperBound)")! }))")
    }
    print("  mean: \(list(found.mean.map(Self.rounded)))")
    print("  std: \(list(found.std.map(Self.rounded)))")
    return 0
  }

  private func list(_ values: [Double]) -> String {
    "[" + values.map(\.yaml).joined(separator: ", ") + "]"
  }

  private static func rounded(_ value: Double) -> Double { (value * 1e5).rounded() / 1e5 }
}
