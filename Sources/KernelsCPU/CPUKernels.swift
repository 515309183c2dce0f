import COpenBLAS
import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// Training on the processor in vector loops: fp32, and where it is asked for bfloat16 in the
/// products of layers, attention and prototypes.
///
/// Each file of this target is one family of operations; this one holds the memory they work in.
/// Work is cut by its own size alone, so results do not depend on the number of threads.
package final class CPUKernels: Kernels {
  let pool: WorkerPool
  package let collectives: any Collectives
  /// What the factors of layers' products are rounded to.
  package let precision: Precision
  package internal(set) var floatingPointOperations = 0.0

  private(set) var base: UnsafeMutablePointer<Float>
  private var bytes = 0
  /// Scratch of one worker alone, and of all of them; both grow to the largest that was ever asked.
  private(set) var scratch: [UnsafeMutablePointer<Float>] = []
  private var sharedScratch: UnsafeMutablePointer<Float>?
  /// Elements of scratch that are there, and the most that kernels have asked for.
  private var room = ScratchRoom()
  private var asked = ScratchRoom()

  /// A backend that computes on the pool's threads, as one of the ranks that `collectives` connects.
  package init(
    pool: WorkerPool, precision: Precision = .fp32,
    collectives: any Collectives = SingleRank()
  ) {
    self.pool = pool
    self.collectives = collectives
    self.precision = precision
    base = UnsafeMutablePointer<Float>.allocate(capacity: 1)
    dino_blas_single_threaded()
  }

  deinit {
    releaseArena()
    for worker in scratch { worker.deallocate() }
    sharedScratch?.deallocate()
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
    let room = ScratchRoom(for: work, threads: pool.threads, precision: precision)
    growWorkers(room.worker)
    growShared(room.shared)
  }

  /// Makes sure that every worker has room for `count` elements of its own.
  func reserveScratch(_ count: Int) {
    asked.worker = max(asked.worker, count)
    growWorkers(count)
  }

  /// Room for `count` elements that all workers reach. There is one such place: what a kernel has
  /// put there is lost when the next one asks.
  func shared(_ count: Int) -> Pointer {
    asked.shared = max(asked.shared, count)
    growShared(max(count, 1))
    return sharedScratch!
  }

  private func growWorkers(_ count: Int) {
    guard count > room.worker else { return }
    for worker in scratch { worker.deallocate() }
    scratch = (0..<pool.threads).map { _ in Self.allocate(count) }
    room.worker = count
  }

  private func growShared(_ count: Int) {
    guard count > room.shared else { return }
    sharedScratch?.deallocate()
    sharedScratch = Self.allocate(count)
    room.shared = count
  }

  /// Memory beside the arena, in bytes: it grows only where a shape comes that was not foretold.
  package var scratchBytes: Int { room.bytes(threads: pool.threads) }
  /// What of it kernels have asked for so far.
  package var scratchBytesAsked: Int { asked.bytes(threads: pool.threads) }

  private static func allocate(_ count: Int) -> Pointer {
    UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
  }

  /// Where a buffer is.
  @inline(__always)
  func pointer(_ buffer: Buffer) -> UnsafeMutablePointer<Float> { base + buffer.offset }

  /// Where a matrix of fp32 is.
  @inline(__always)
  func pointer(_ matrix: Matrix) -> UnsafeMutablePointer<Float> {
    precondition(matrix.element == .fp32)
    return base + matrix.buffer.offset
  }

  /// Where integers are.
  @inline(__always)
  func pointer(_ indices: Indices) -> UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(base + indices.buffer.offset)
      .assumingMemoryBound(to: Int32.self)
  }

  /// Where a double-precision number is.
  @inline(__always)
  func pointer(_ scalar: Scalar) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(base + scalar.offset).assumingMemoryBound(to: Double.self)
  }

  /// Cuts 0 ..< count into chunks worth about `grain` elements of work each.
  func parallel(
    _ count: Int, cost: Int, grain: Int = 16_384, _ body: (_ range: Range<Int>) -> Void
  ) {
    parallelWithWorker(count, cost: cost, grain: grain) { range, _ in body(range) }
  }

  /// The same, telling the body whose scratch it may use.
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
