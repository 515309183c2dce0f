import Kernels
import Support
import Tensor

/// The processor as memory is planned for it: the precision of products and the number of threads.
package struct CPUDevice: Device {
  package let precision: Precision
  package let threads: Int

  package init(precision: Precision, threads: Int) {
    self.precision = precision
    self.threads = threads
  }

  /// A cache line of 64 bytes, in elements of fp32.
  package var arenaAlignment: Int { 16 }

  package var activationElement: Element { precision == .bf16 ? .bf16 : .fp32 }

  package var availableMemory: MachineMemory? { .current() }

  /// Returns the bytes of workspace, outside the arena, that kernels need for all of the work. It
  /// is what `CPUKernels.workspaceBytes` is after that work.
  package func workspaceBytes(for work: [KernelWork]) -> Int {
    WorkspaceSize(for: work, threads: threads, precision: precision).bytes(threads: threads)
  }
}
