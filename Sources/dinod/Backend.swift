import CommandKit
import Engine
import KernelsCPU
import Recipe
import Tensor
import Trainer

/// The kernels for this machine's processor, which share a pool of threads.
struct Backend: Sendable {
  let choice: Choice
  /// The threads.
  let workers: WorkerPool

  /// Starts the threads, after a self-check of some milliseconds. Throws `RunError.machine` if the
  /// processor computes wrong results.
  init(_ choice: Choice) throws(RunError) {
    if let problem = CPUKernels.selfCheck() { throw .machine(problem) }
    self.choice = choice
    workers = WorkerPool(threads: choice.threads)
  }

  var precision: Precision { choice.precision }

  /// The number of computing threads, including the caller's.
  var threads: Int { workers.threads }

  /// Makes kernels with their own memory, in the chosen precision or in another. Kernels of one
  /// backend must not compute at the same time.
  ///
  /// - Parameter collectives: the connection to the other processes of a run.
  func makeKernels(
    _ precision: Precision? = nil, _ collectives: any Collectives = SingleProcess()
  ) -> CPUKernels {
    CPUKernels(
      pool: workers, precision: precision ?? choice.precision, collectives: collectives)
  }
}

extension Backend {
  /// The requested precision and threads, resolved for this processor. Nothing is started yet.
  struct Choice: Sendable {
    let precision: Precision
    /// A warning if bfloat16 was requested but is not available; otherwise `nil`.
    let notice: String?
    /// The number of computing threads.
    let threads: Int

    init(
      _ wanted: Recipe.ComputePrecision, threads: Int = 0, place: ProcessPlace = .only
    ) {
      self.threads = WorkerPool.count(threads, of: place)
      switch wanted {
      case .fp32: (precision, notice) = (.fp32, nil)
      case .auto: (precision, notice) = (CPUKernels.hasBF16Units ? .bf16 : .fp32, nil)
      case .bf16 where CPUKernels.hasBF16Units: (precision, notice) = (.bf16, nil)
      case .bf16:
        precision = .fp32
        notice =
          "this processor, or the one dinod was built for, cannot multiply in bfloat16: "
          + "computing in fp32"
      }
    }

    /// The choice of a recipe, for one of a run's processes.
    init(_ recipe: Recipe, place: ProcessPlace = .only) {
      self.init(recipe.train.computePrecision, threads: recipe.session.threads, place: place)
    }

    /// The choice of a command line with `Backend.options`; fp32 unless it says otherwise.
    init(_ arguments: Arguments) throws(UsageError) {
      self.init(
        try arguments.choice("--precision") ?? .fp32,
        threads: try arguments.integer("--threads", in: 0...1024) ?? 0)
    }

    /// Prints the notice on standard error, and returns the choice.
    func printingNotice() -> Choice {
      if let notice { tell(notice) }
      return self
    }

    /// Returns the memory that the kernels would take for an engine of this shape.
    func memory(for shape: EngineShape) -> BackendMemory {
      let device = CPUDevice(precision: precision, threads: threads)
      return BackendMemory(device: device, workspaceBytes: device.workspaceBytes(for: shape.work))
    }
  }

  /// Options of the commands that compute features.
  static let options: [Subcommand.Option] = [
    .init("--threads", "N", "compute threads; by default one per core"),
    .init(
      "--precision", "fp32|bf16|auto",
      "precision of matrix products; by default fp32; bf16 is up to twice as fast"),
  ]
}
