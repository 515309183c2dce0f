import Crops
import Images
import Tensor

/// The range, mean and standard deviation of each channel of a data set's images.
package struct ChannelStatistics: Sendable {
  /// For each channel the percentiles that become 0 and 1; empty if samples are scaled by their
  /// type.
  package var range: [ClosedRange<Float>] = []
  /// Of the pixels of all images, for values in 0 … 1.
  package var mean: [Double] = []
  package var std: [Double] = []
  /// The images that were measured.
  package var images = 0
  package var problems: [PixelLoader.Problem] = []
}

/// Measures the channels of a data set's images, several at a time. The result does not depend on the
/// number of threads.
package struct ChannelMeasurement {
  private let source: any ImageSource
  private let channels: Int
  private let workers: WorkerPool

  /// The samples of a channel from which percentiles are taken, at most.
  private static let mostSamples = 4 << 20
  /// The images in memory at a time for each thread.
  private static let imagesAtOnce = 4

  package init(_ source: any ImageSource, channels: Int, workers: WorkerPool) {
    (self.source, self.channels, self.workers) = (source, channels, workers)
  }

  /// Measures all images of the source.
  ///
  /// - Parameters:
  ///   - percentiles: the ones that become 0 and 1, from 0 to 100; `nil` to scale by the samples'
  ///     type. They are taken from pixels of all images, evenly spaced in each.
  ///   - progress: called with the number of images that were read. Percentiles take another pass.
  package func statistics(
    percentiles: ClosedRange<Double>?, progress: (_ read: Int) -> Void
  ) throws(FeatureError) -> ChannelStatistics {
    var result = ChannelStatistics()
    if let percentiles {
      result.range = try ranges(percentiles, progress)
    }
    // Files of 8 bits are all that a network sees of most images in three channels.
    let isPlain = percentiles == nil && channels == 3
    let format = isPlain ? nil : SampleFormat(channels: channels, range: result.range)
    let first = percentiles == nil ? 0 : source.count
    var sums = ChannelSums(channels: channels)
    let problems = try forEach(format) {
      sums.add($0)
    } done: {
      progress(first + $0)
    }
    (result.mean, result.std) = (sums.mean, sums.std)
    result.images = source.count - problems.count
    result.problems = problems
    return result
  }

  /// Returns the percentiles of each channel.
  private func ranges(
    _ percentiles: ClosedRange<Double>, _ progress: (Int) -> Void
  ) throws(FeatureError) -> [ClosedRange<Float>] {
    var samples = Array(repeating: [Float](), count: channels)
    let each = max(1, Self.mostSamples / source.count)
    _ = try forEach(SampleFormat(channels: channels, scaling: .none)) { image in
      let step = max(1, image.planeCount / each)
      for channel in 0..<channels {
        let start = channel * image.planeCount
        for index in stride(from: start + step / 2, to: start + image.planeCount, by: step)
        where image.values[index].isFinite {
          samples[channel].append(image.values[index])
        }
      }
    } done: {
      progress($0)
    }
    return try samples.enumerated().map { (channel, values) throws(FeatureError) in
      let sorted = values.sorted()
      func value(_ percentile: Double) -> Float {
        sorted[Int((percentile / 100 * Double(sorted.count - 1)).rounded())]
      }
      guard !sorted.isEmpty, value(percentiles.lowerBound) < value(percentiles.upperBound) else {
        throw FeatureError(
          "channel \(channel + 1) of the images has the same value between its percentiles "
            + "\(percentiles.lowerBound) and \(percentiles.upperBound), so that nothing could be "
            + "scaled; take others")
      }
      return value(percentiles.lowerBound)...value(percentiles.upperBound)
    }
  }

  /// Calls `body` with all images in order and returns those that cannot be read. Throws if none can
  /// be.
  private func forEach(
    _ format: SampleFormat?, _ body: (SampleImage) -> Void, done: (Int) -> Void
  ) throws(FeatureError) -> [PixelLoader.Problem] {
    var problems: [PixelLoader.Problem] = []
    let chunk = Self.imagesAtOnce * workers.threads
    for start in stride(from: 0, to: source.count, by: chunk) {
      let end = min(start + chunk, source.count)
      let images = workers.map(end - start) { number in
        Result { try sampled(start + number, format) }
      }
      for (number, image) in images.enumerated() {
        do { body(try image.get()) } catch {
          problems.append(.init(index: start + number, reason: "\(error)"))
        }
      }
      done(end)
    }
    guard problems.count < source.count else {
      throw FeatureError(
        "none of the \(source.count) images can be read; the first: \(problems[0].reason)")
    }
    return problems
  }

  private func sampled(_ index: Int, _ format: SampleFormat?) throws -> SampleImage {
    if let format { return try source.samples(index, format: format) { _ in .whole } }
    return try source.image(index).samples(
      SampleFormat(channels: channels), name: source.key(index))
  }
}

/// Sums from which the mean and the standard deviation of each channel follow.
private struct ChannelSums {
  private var sums: [Double]
  private var squares: [Double]
  private var count = 0

  init(channels: Int) {
    sums = Array(repeating: 0, count: channels)
    squares = sums
  }

  mutating func add(_ image: SampleImage) {
    let plane = image.planeCount
    count += plane
    for channel in sums.indices {
      var (sum, square) = (0.0, 0.0)
      for value in image.values[channel * plane..<(channel + 1) * plane] {
        sum += Double(value)
        square += Double(value) * Double(value)
      }
      sums[channel] += sum
      squares[channel] += square
    }
  }

  var mean: [Double] { sums.map { $0 / Double(count) } }

  var std: [Double] {
    zip(mean, squares).map { max(0, $1 / Double(count) - $0 * $0).squareRoot() }
  }
}
