/// A size of workspace, the workspace memory of kernels outside the arena: the elements of each
/// worker, and those that all workers share.
struct WorkspaceSize {
  var worker = 0
  var shared = 0

  /// Raises each size to that of `other` if it is smaller.
  mutating func cover(_ other: WorkspaceSize) {
    worker = max(worker, other.worker)
    shared = max(shared, other.shared)
  }

  func bytes(threads: Int) -> Int { 4 * (worker * threads + shared) }
}
