import Images
import Synchronization

/// Reads the images of the stream. A damaged image is replaced by the next one of the same pass that
/// is not. That depends only on the files, so it is the same after a restart. An image that the
/// system cannot read is not replaced, since it may be sound: that would change the run for good.
final class StreamReader: Sendable {
  private struct State {
    var sampler: Sampler
    var damaged: Set<Int> = []
    var firstProblem: String?
  }

  private let source: any ImageSource
  private let format: SampleFormat?
  private let state: Mutex<State>
  private let onProblem: @Sendable (String) -> Void
  private let patience = OutagePatience()

  /// - Parameter format: what images are decoded into; `nil` for red, green and blue of 8 bits.
  init(
    _ source: any ImageSource, format: SampleFormat?, seed: Int,
    onProblem: @escaping @Sendable (String) -> Void
  ) {
    self.source = source
    self.format = format
    self.onProblem = onProblem
    state = Mutex(State(sampler: Sampler(count: source.count, seed: seed)))
  }

  /// Returns the image at a position of the stream, or its replacement, at the scale that `scale`
  /// chooses. Throws `DataOutage` if the system cannot read its file, also after some seconds. Any
  /// thread may call.
  func image(
    at position: Int, scale: @escaping ScaleChoice
  ) throws -> any AugmentedImage {
    for offset in 0..<source.count {
      let index = state.withLock { state in
        // Each epoch has its own order; the search stays within one.
        let epoch = position / source.count
        return state.sampler.image(
          at: epoch * source.count + (position + offset) % source.count)
      }
      if state.withLock({ $0.damaged.contains(index) }) { continue }
      do {
        return try patience.reading { try source.input(index, format, scale: scale) }
      } catch let error as ImageError where error.isOutage {
        throw DataOutage(index: index, reason: "\(error)")
      } catch {
        reject(index, "\(error)")
      }
    }
    throw SourceError.noneReadable(
      name: source.name, count: source.count,
      first: state.withLock { $0.firstProblem } ?? "unknown")
  }

  /// Returns whether the image of an outage can be read again, or is known to be damaged.
  func isOver(_ outage: DataOutage) -> Bool {
    do {
      _ = try source.input(outage.index, format) { _ in .whole }
      return true
    } catch {
      return !DataOutage.isOutage(error)
    }
  }

  private func reject(_ index: Int, _ problem: String) {
    let isNew = state.withLock { state in
      state.firstProblem = state.firstProblem ?? problem
      return state.damaged.insert(index).inserted
    }
    if isNew { onProblem(problem) }
  }
}
