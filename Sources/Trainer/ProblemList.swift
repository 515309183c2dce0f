import Synchronization

/// Reports of images that could not be used, passed from the loader's threads to the trainer's.
final class ProblemList: Sendable {
  private let problems = Mutex<[String]>([])

  func add(_ problem: String) { problems.withLock { $0.append(problem) } }

  /// Removes and returns the reports since the last call.
  func take() -> [String] {
    problems.withLock { list in
      defer { list = [] }
      return list
    }
  }
}
