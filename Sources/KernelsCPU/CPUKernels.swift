import COpenBLAS
import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// The backend that computes on the processor, in vector loops. It computes in fp32, or, if asked
/// to, with bfloat16 in the products of layers, attention and prototypes.
///
/// Each file of this target has one family of operations; this one has the memory they work in.
/// Work is divided by its own size alone, so results do not depend on the number of threads.
package final class CPUKernels: Kernels {
  let pool: WorkerPool
  package let collectives: any Collectives
  /// The precision that the factors of products in layers are rounded to.
  package let precision: Precision
  package internal(set) var floatingPointOperations = 0.0

  /// The beginning of the arena.
  private(set) var base: UnsafeMutablePointer<Float>
  /// The size of the arena; 0 before a plan is reserved.
  private var bytes = 0
  /// The workspace of each worker, and the one that they share. Both grow to the largest size that
  /// a kernel asks for.
  private(set) var workspaces: [UnsafeMutablePointer<Float>] = []
  private var sharedMemory: UnsafeMutablePointer<Float>?
  /// The size of the reserved workspace, and how much of it kernels have used.
  private var reserved = WorkspaceSize()
  private var used = WorkspaceSize()

  /// Creates a backend that computes on the pool's threads, in one of the processes that `collectives`
  /// connects.
  package init(
    pool: WorkerPool, precision: Precision = .fp32,
    collectives: any Collectives = SingleProcess()
  ) {
    self.pool = pool
    self.collectives = collectives
    self.precision = precision
    base = UnsafeMutablePointer<Float>.allocate(capacity: 1)
    dino_blas_single_threaded()
  }

  deinit {
    releaseArena()
    for workspace in workspaces { workspace.deallocate() }
    sharedMemory?.deallocate()
  }

  private func releaseArena() {
    if bytes > 0 { munmap(base, bytes) } else { base.deallocate() }
  }

  package func reserve(_ plan: ArenaPlan, for work: [KernelWork]) throws(MemoryError) {
    let wanted = max(plan.bytes, 4096)
    let mapped = mmap(nil, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapped, mapped != MAP_FAILED else { throw MemoryError(bytes: wanted) }
    madvise(mapped, wanted, MADV_HUGEPAGE)
    releaseArena()
    base = mapped.bindMemory(to: Float.self, capacity: wanted / 4)
    bytes = wanted
    let planned = WorkspaceSize(for: work, threads: pool.threads, precision: precision)
    growWorkers(planned.worker)
    growShared(planned.shared)
  }

  /// Makes sure that every worker's workspace has at least `count` elements.
  func reserveWorkspace(_ count: Int) {
    used.worker = max(used.worker, count)
    growWorkers(count)
  }

  /// Returns a workspace of `count` elements that all workers share. There is only one: the next
  /// call may return the same memory.
  func sharedWorkspace(_ count: Int) -> Pointer {
    used.shared = max(used.shared, count)
    growShared(max(count, 1))
    return sharedMemory!
  }

  private func growWorkers(_ count: Int) {
    guard count > reserved.worker else { return }
    for workspace in workspaces { workspace.deallocate() }
    workspaces = (0..<pool.threads).map { _ in Self.allocate(count) }
    reserved.worker = count
  }

  private func growShared(_ count: Int) {
    guard count > reserved.shared else { return }
    sharedMemory?.deallocate()
    sharedMemory = Self.allocate(count)
    reserved.shared = count
  }

  /// Bytes of workspace, outside the arena. They grow only if a kernel is called with larger sizes
  /// than planned.
  package var workspaceBytes: Int { reserved.bytes(threads: pool.threads) }
  /// Bytes of workspace that kernels have used so far.
  package var workspaceBytesUsed: Int { used.bytes(threads: pool.threads) }

  private static func allocate(_ count: Int) -> Pointer {
    UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
  }

  /// Returns the address of a buffer.
  @inline(__always)
  func pointer(_ buffer: Buffer) -> UnsafeMutablePointer<Float> { base + buffer.offset }

  /// Returns the address of a matrix of fp32.
  @inline(__always)
  func pointer(_ matrix: Matrix) -> UnsafeMutablePointer<Float> {
    precondition(matrix.element == .fp32)
    return base + matrix.buffer.offset
  }

  /// Returns the address of integers.
  @inline(__always)
  func pointer(_ indices: Indices) -> UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(base + indices.buffer.offset)
      .assumingMemoryBound(to: Int32.self)
  }

  /// Returns the address of a double-precision number.
  @inline(__always)
  func pointer(_ scalar: Scalar) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(base + scalar.offset).assumingMemoryBound(to: Double.self)
  }

  /// Calls `body` for chunks of 0 ..< count on the pool's threads. An index costs `cost` elements
  /// of work, and a chunk about `grain`.
  func parallel(
    _ count: Int, cost: Int, grain: Int = 16_384, _ body: (_ range: Range<Int>) -> Void
  ) {
    parallelWithWorker(count, cost: cost, grain: grain) { range, _ in body(range) }
  }

  /// Like `parallel`; the body also gets the number of the worker whose workspace it may use.
  func parallelWithWorker(
    _ count: Int, cost: Int, grain: Int = 16_384,
    _ body: (_ range: Range<Int>, _ worker: Int) -> Void
  ) {
    guard count > 0 else { return }
    let step = max(1, grain / max(1, cost))
    let chunks = (count + step - 1) / step
    pool.run(chunks: chunks) { chunk, worker in
      body(chunk * step..<min(count, (chunk + 1) * step), worker)
    }
  }
}
