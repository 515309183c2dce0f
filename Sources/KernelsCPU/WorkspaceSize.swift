/// Elements of workspace, the memory that kernels take beside the arena: of each worker, and shared by
/// all of them.
struct WorkspaceSize {
  var worker = 0
  var shared = 0

  /// Grows both sizes to those of `other`, where they are smaller.
  mutating func cover(_ other: WorkspaceSize) {
    worker = max(worker, other.worker)
    shared = max(shared, other.shared)
  }

  func bytes(threads: Int) -> Int { 4 * (worker * threads + shared) }
}
