/// Elements that a kernel asks for beside the arena: for each worker, and for all together.
struct ScratchRoom {
  var worker = 0
  var shared = 0

  /// Takes the larger of both.
  mutating func cover(_ other: ScratchRoom) {
    worker = max(worker, other.worker)
    shared = max(shared, other.shared)
  }

  func bytes(threads: Int) -> Int { 4 * (worker * threads + shared) }
}
