import Synchronization

/// Images that could not be used, on their way from the loader's threads to the trainer's.
final class ProblemList: Sendable {
  private let problems = Mutex<[String]>([])

  func add(_ problem: String) { problems.withLock { $0.append(problem) } }

  /// Those that are new.
  func take() -> [String] {
    problems.withLock { list in
      defer { list = [] }
      return list
    }
  }
}
