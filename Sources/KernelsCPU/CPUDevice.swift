import Kernels
import Support
import Tensor

/// The processor as plans see it, by what products round their factors to and by the number of
/// threads.
package struct CPUDevice: Device {
  package let precision: Precision
  package let threads: Int

  package init(precision: Precision, threads: Int) {
    self.precision = precision
    self.threads = threads
  }

  /// A cache line.
  package var arenaAlignment: Int { 16 }

  package var activationElement: Element { precision == .bf16 ? .bf16 : .fp32 }

  package var availableMemory: MachineMemory? { .current() }

  /// Bytes that kernels take beside the arena once they have done all of the work, by its sizes:
  /// their `workspaceBytes`.
  package func workspaceBytes(for work: [KernelWork]) -> Int {
    WorkspaceSize(for: work, threads: threads, precision: precision).bytes(threads: threads)
  }
}
