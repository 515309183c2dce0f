import Kernels
import Tensor

/// A backend as a device has one: calls return before anything is done, and the host gets numbers only
/// where it waits for all that was asked before.
///
/// What is queued is done by another backend. Of a call that must answer at once, such as `nearest`,
/// the answer is waited for as well.
final class QueuedKernels: Kernels {
  /// How often the host has waited.
  private(set) var waits = 0
  /// Calls that were queued since the beginning.
  private(set) var calls = 0

  private let base: any Kernels
  private var queue: [(any Kernels) -> Void] = []

  init(_ base: any Kernels) { self.base = base }

  func enqueue(_ call: @escaping (any Kernels) -> Void) {
    calls += 1
    queue.append(call)
  }

  func wait() {
    waits += 1
    for call in queue { call(base) }
    queue.removeAll()
  }

  var device: any Device { base.device }
  var collectives: any Collectives { base.collectives }
  var floatingPointOperations: Double { base.floatingPointOperations }

  func reserve(_ plan: ArenaPlan, for work: [KernelWork]) throws(MemoryError) {
    precondition(queue.isEmpty)
    try base.reserve(plan, for: work)
  }

  func upload(_ values: UnsafeBufferPointer<Float>, to buffer: Buffer) {
    let copy = Array(values)
    enqueue { $0.upload(copy, to: buffer) }
  }

  func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices) {
    let copy = Array(values)
    enqueue { $0.upload(copy, to: indices) }
  }

  func download(_ buffer: Buffer, to values: UnsafeMutableBufferPointer<Float>) {
    wait()
    base.download(buffer, to: values)
  }

  func read(_ scalars: Scalars, to values: UnsafeMutableBufferPointer<Double>) {
    wait()
    base.read(scalars, to: values)
  }

  func nearest(
    _ queries: Matrix, in bank: Matrix, k: Int
  ) -> (rows: [[Int]], similarities: [[Float]]) {
    wait()
    return base.nearest(queries, in: bank, k: k)
  }

  func spectrum(_ x: Matrix, isCentred: Bool) -> [Double] {
    wait()
    return base.spectrum(x, isCentred: isCentred)
  }

  func discriminantSpectrum(_ x: Matrix, each: Int, ridge: Double) -> [Double] {
    wait()
    return base.discriminantSpectrum(x, each: each, ridge: ridge)
  }

  func principalComponents(_ x: Matrix, count: Int) -> PrincipalComponents {
    wait()
    return base.principalComponents(x, count: count)
  }
}
