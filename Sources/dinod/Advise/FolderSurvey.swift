import Crops
import Curation
import Features
import Images
import Recipe
import Support
import Tensor

/// What a data set is like, from a sample of its images.
struct FolderSurvey {
  let facts: DataFacts
  /// The images that were looked at, and those of them that cannot be read.
  let looked: Int
  let unreadable: Int
  /// About which share of all images has a copy in the set; `nil` if too few were looked at to tell.
  let copies: Double?

  /// The images that are looked at, at most, and those whose channels are measured.
  private static let most = 2000
  private static let measured = 1000

  /// What is kept of an image.
  private struct Look {
    let side: Int
    let isGrey: Bool
    let print: [UInt8]
  }

  /// Looks at images. Throws if none can be read.
  ///
  /// - Parameter progress: called with the number of images that were read; there are `total(_:)` in all.
  init(
    _ source: FileSource, path: String, workers: WorkerPool, progress: (_ read: Int) -> Void
  ) throws {
    let keys = (0..<source.count).map(source.key)
    let chosen = HoldOut.sample(Self.most, of: keys)
    var looks: [Look] = []
    let chunk = 4 * workers.threads
    for start in stride(from: 0, to: chosen.count, by: chunk) {
      let part = chosen[start..<min(start + chunk, chosen.count)]
      looks += workers.map(part.count) { Self.look(source, part[start + $0]) }.compactMap(\.self)
      progress(start + part.count)
    }
    guard !looks.isEmpty else {
      throw FeatureError("\(path): none of the \(chosen.count) images that were tried can be read")
    }
    looked = chosen.count
    unreadable = chosen.count - looks.count
    copies = Self.copies(looks, of: source.count)
    let rich = source.richSamples?.stored
    let measurement = ChannelMeasurement(
      SubsetSource(source, indices: HoldOut.sample(Self.measured, of: keys)),
      channels: rich?.channels ?? 3, workers: workers)
    func statistics(_ percentiles: ClosedRange<Double>?) throws(FeatureError) -> ChannelStatistics {
      try measurement.statistics(percentiles: percentiles) { progress(chosen.count + $0) }
    }
    // A channel with hardly anything in it is the same between these percentiles: then by its extremes.
    let statistics =
      rich == nil
      ? try statistics(nil) : try (try? statistics(0.1...99.9)) ?? statistics(0...100)
    let sides = looks.map(\.side).sorted()
    facts = DataFacts(
      path: path, images: source.count, classes: source.classes.count,
      side: sides[sides.count / 2],
      samples: rich.map { .init(channels: $0.channels, bits: $0.bits) },
      isGrey: looks.count { $0.isGrey } * 100 >= looks.count * 95,
      range: statistics.range.map { Double($0.lowerBound)...Double($0.upperBound) },
      mean: statistics.mean, std: statistics.std.map { max($0, 1e-4) })
  }

  /// How many images are read, for progress.
  static func total(_ source: FileSource) -> Int {
    let passes = source.richSamples == nil ? 1 : 2
    return min(source.count, most) + passes * min(source.count, measured)
  }

  private static func look(_ source: FileSource, _ index: Int) -> Look? {
    guard let image = try? source.image(index) else { return nil }
    let pixels = Thumbnail(of: image).encoded
    let isGrey = stride(from: 0, to: pixels.count, by: 3).allSatisfy { place in
      let colour = pixels[place..<place + 3]
      return colour.max()! - colour.min()! <= 8
    }
    return Look(
      side: min(image.width, image.height), isGrey: isGrey, print: fingerprint(pixels))
  }

  /// The signs of the differences between neighbouring cells of 9 × 8 means: a hash that scaling and
  /// compression leave as it is.
  private static func fingerprint(_ pixels: [UInt8]) -> [UInt8] {
    func mean(_ column: Int, _ row: Int) -> Int {
      var sum = 0
      for y in 4 * row..<4 * row + 4 {
        for x in 3 * column..<3 * column + 4 {
          for c in 0..<3 { sum += Int(pixels[(y * 32 + x) * 3 + c]) }
        }
      }
      return sum
    }
    return (0..<8).map { row in
      (0..<8).reduce(UInt8(0)) { $0 << 1 | (mean($1, row) > mean($1 + 1, row) ? 1 : 0) }
    }
  }

  /// Estimates the share of images with a copy: of a sample, pairs are found in proportion to its size.
  private static func copies(_ looks: [Look], of all: Int) -> Double? {
    guard looks.count >= 50 else { return nil }
    var groups: [[UInt8]: Int] = [:]
    // A picture without structure has no fingerprint.
    for look in looks where Set(look.print).count > 2 { groups[look.print, default: 0] += 1 }
    let found = groups.values.filter { $0 > 1 }.reduce(0, +)
    return min(1, Double(found) / Double(looks.count) * Double(all) / Double(looks.count))
  }
}
