import Tensor

/// The operations that training is made of, coarse enough that the cost of a call does not matter.
///
/// A backend implements them on memory of its own. It carries calls out in the order in which they are
/// made, and a call may return before its work is done: numbers reach the host only through `read` and
/// `download`, which wait. A training step waits once. All calls come from one thread.
///
/// Forward and backward stand side by side. The gradient convention is: **gradients of parameters are
/// added to what is there, gradients of activations are written over it**, unless the documentation of
/// an argument says otherwise.
package protocol Kernels: MemoryKernels, CollectiveKernels, LinearKernels, TokenKernels,
  NormKernels,
  AttentionKernels, ActivationKernels, HeadKernels, TargetKernels, LossKernels, OptimiserKernels,
  StatisticsKernels, EvaluationKernels
{}

/// Memory, and transfers between host and backend.
package protocol MemoryKernels: AnyObject {
  /// Reserves the arena of a plan, filled with zeros, and the workspace that kernels need for work of
  /// the given sizes. The plan's buffers are valid from here on. Kernels that are called with other
  /// sizes may allocate more workspace.
  func reserve(_ plan: ArenaPlan, for work: [KernelWork]) throws(MemoryError)

  /// Copies host values into a buffer. The caller may change the values as soon as this returns.
  func upload(_ values: UnsafeBufferPointer<Float>, to buffer: Buffer)
  func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices)

  /// Waits for all calls that were made before, then copies a buffer to the host. For checkpoints and
  /// features; a training step uses `read`.
  func download(_ buffer: Buffer, to values: UnsafeMutableBufferPointer<Float>)

  /// Waits for all calls that were made before, then copies scalars to the host.
  func read(_ scalars: Scalars, to values: UnsafeMutableBufferPointer<Double>)

  /// Sets every element to `value`.
  func fill(_ buffer: Buffer, with value: Float)
  /// Copies all elements; both buffers have the same count.
  func copy(_ source: Buffer, to target: Buffer)
  /// target += source × scale
  func add(_ source: Buffer, scale: Float, to target: Buffer)

  /// The device that the backend computes on.
  var device: any Device { get }

  /// Floating-point operations of all matrix products that were computed so far; a multiply-add counts
  /// as two.
  var floatingPointOperations: Double { get }
}

/// Sums over the processes of a run, carried out in order with the other calls.
package protocol CollectiveKernels {
  /// The connection to the other processes. Kernels that sum over all samples of a batch reduce through it
  /// themselves, as their documentation says.
  var collectives: any Collectives { get }

  /// Replaces each element by its sum over the processes.
  func allReduceSum(_ x: Buffer, as element: Element)
  func allReduceSum(_ x: Scalars)

  /// Starts to sum values over the processes, of which each gets its part, as `Collectives.startReduce`.
  func startReduce(
    _ x: Buffer, stride: Int, into sums: Buffer, isAdded: Bool, as element: Element
  ) -> CollectiveTicket
  /// Starts to give each process's part of the values to all others, as `Collectives.startGather`.
  func startGather(
    _ x: Buffer, stride: Int, as element: Element, after earlier: CollectiveTicket
  ) -> CollectiveTicket
  /// Waits until a call that was started is done.
  func finish(_ ticket: CollectiveTicket)

  /// target += source, for scalars; both have the same count.
  func add(_ source: Scalars, to target: Scalars)

  /// Replaces each element by that of process 0.
  func broadcast(_ x: Buffer)
}

/// The system does not give the memory that a plan asks for.
package struct MemoryError: Error, CustomStringConvertible {
  /// What was asked for.
  package let bytes: Int

  package init(bytes: Int) { self.bytes = bytes }

  package var description: String {
    "cannot reserve \(bytes >> 20) MiB of memory for this recipe; "
      + "a smaller train.batch_size_per_gpu, crop size or head needs less"
  }
}

extension CollectiveKernels {
  /// Starts to give each process's part of values that are there already to all others.
  package func startGather(_ x: Buffer, stride: Int, as element: Element) -> CollectiveTicket {
    startGather(x, stride: stride, as: element, after: CollectiveTicket())
  }
}

extension MemoryKernels {
  /// Reserves the arena of a plan; workspace grows as kernels need it.
  package func reserve(_ plan: ArenaPlan) throws(MemoryError) { try reserve(plan, for: []) }

  /// Copies an array into a buffer.
  package func upload(_ values: [Float], to buffer: Buffer) {
    values.withUnsafeBufferPointer { upload($0, to: buffer) }
  }

  /// Copies a part of an array into a buffer.
  package func upload(_ values: ArraySlice<Float>, to buffer: Buffer) {
    values.withUnsafeBufferPointer { upload($0, to: buffer) }
  }

  /// Copies an array of row numbers or mask bits into a buffer.
  package func upload(_ values: [Int32], to indices: Indices) {
    values.withUnsafeBufferPointer { upload($0, to: indices) }
  }

  /// Waits, and reads all scalars of `found`. Allocates nothing.
  package func read(into found: inout ScalarValues) {
    let scalars = found.scalars
    found.values.withUnsafeMutableBufferPointer { read(scalars, to: $0) }
  }

  /// Waits, and returns the buffer's values as a new array; not for use within a step.
  package func download(_ buffer: Buffer) -> [Float] {
    [Float](unsafeUninitializedCapacity: buffer.count) { target, count in
      download(buffer, to: target)
      count = buffer.count
    }
  }
  /// Waits, and returns the matrix's values, [rows, columns], as a new array; not for use within a step.
  package func download(_ matrix: Matrix) -> [Float] {
    let values = download(matrix.buffer)
    guard matrix.element == .bf16 else { return values }
    // The first of two neighbours has the lower half.
    return values.flatMap { pair in
      [Float(bitPattern: pair.bitPattern << 16), Float(bitPattern: pair.bitPattern & 0xffff_0000)]
    }
  }
}
