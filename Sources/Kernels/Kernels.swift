import Tensor

/// The operations that training is made of, coarse enough that a call costs nothing beside its work.
///
/// A backend implements them on memory of its own. Calls are carried out in the order in which they
/// were made, and may return before their work is done: numbers reach the host only through `read`
/// and `download`, which wait for it, and no training step has to wait more than once. Forward and
/// backward stand side by side. The gradient convention, once and for all: **gradients of parameters
/// are added to what is there, gradients of activations are written over it**, unless the
/// documentation of an argument says otherwise. One thread calls.
package protocol Kernels: MemoryKernels, CollectiveKernels, LinearKernels, TokenKernels,
  NormKernels,
  AttentionKernels, ActivationKernels, HeadKernels, TargetKernels, LossKernels, OptimiserKernels,
  StatisticsKernels, EvaluationKernels
{}

/// Crossing the border between host and backend.
package protocol MemoryKernels: AnyObject {
  /// Reserves the memory that a plan asks for, zeroed, and what kernels take of their own for work of
  /// these sizes. Buffers of the plan are valid from here on; work that was not named may take more.
  func reserve(_ plan: ArenaPlan, for work: [KernelWork]) throws(MemoryError)

  /// Copies host values into a buffer; the caller may change them as soon as this returns.
  func upload(_ values: UnsafeBufferPointer<Float>, to buffer: Buffer)
  func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices)

  /// Waits until all that was asked before is done, then copies a buffer to the host: for checkpoints
  /// and features, not within a training step.
  func download(_ buffer: Buffer, to values: UnsafeMutableBufferPointer<Float>)

  /// Waits until all that was asked before is done, then copies numbers to the host.
  func read(_ scalars: Scalars, to values: UnsafeMutableBufferPointer<Double>)

  /// Sets every element.
  func fill(_ buffer: Buffer, with value: Float)
  /// Copies all elements; both buffers have the same count.
  func copy(_ source: Buffer, to target: Buffer)
  /// target += source × scale
  func add(_ source: Buffer, scale: Float, to target: Buffer)

  /// The device that it computes on.
  var device: any Device { get }

  /// Floating-point operations in the matrix products that were done since the beginning: two for a
  /// multiply-add.
  var floatingPointOperations: Double { get }
}

/// Sums over the ranks of a run, taken in their turn among the other calls.
package protocol CollectiveKernels {
  /// What connects this rank with the others. Kernels that sum over all samples of a batch use it
  /// themselves; their documentation says so.
  var collectives: any Collectives { get }

  /// Each element becomes its sum over the ranks.
  func allReduceSum(_ x: Buffer)
  func allReduceSum(_ x: Scalars)
}

/// The memory that a plan asks for is not to be had.
package struct MemoryError: Error, CustomStringConvertible {
  package let bytes: Int

  package init(bytes: Int) { self.bytes = bytes }

  package var description: String {
    "cannot reserve \(bytes >> 20) MiB of memory for this recipe; "
      + "a smaller train.batch_size_per_gpu, crop size or head asks for less"
  }
}

extension MemoryKernels {
  /// Reserves the memory that a plan asks for; what kernels take of their own grows as they ask.
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

  /// Waits, and reads a run of numbers; allocates nothing.
  package func read(into found: inout ScalarValues) {
    let scalars = found.scalars
    found.values.withUnsafeMutableBufferPointer { read(scalars, to: $0) }
  }

  /// The buffer's values as an array; for tests, files and reports, not for steady steps.
  package func download(_ buffer: Buffer) -> [Float] {
    [Float](unsafeUninitializedCapacity: buffer.count) { target, count in
      download(buffer, to: target)
      count = buffer.count
    }
  }
}
