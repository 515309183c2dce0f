import CommandKit
import Engine
import KernelsCPU
import Recipe
import Tensor
import Trainer

/// What a command computes with: kernels for this machine's processor that share a pool of threads.
struct Backend: Sendable {
  let choice: Choice
  private let pool: WorkerPool

  /// Starts the threads, after a check of some milliseconds that the processor computes right.
  /// Throws `RunError.machine` where it does not.
  init(_ choice: Choice) throws(RunError) {
    if let problem = CPUKernels.selfCheck() { throw .machine(problem) }
    self.choice = choice
    pool = WorkerPool(threads: choice.threads)
  }

  var precision: Precision { choice.precision }

  /// How many threads compute, the caller's included.
  var threads: Int { pool.threads }

  /// Kernels with memory of their own, in the chosen precision or in another. Kernels of one
  /// backend may not compute at the same time.
  func makeKernels(_ precision: Precision? = nil) -> CPUKernels {
    CPUKernels(pool: pool, precision: precision ?? choice.precision)
  }
}

extension Backend {
  /// Which backend is asked for, as this processor can give it. Nothing is started yet.
  struct Choice: Sendable {
    let precision: Precision
    /// What a person should know: that bfloat16 was asked for and is not to be had. Else nil.
    let notice: String?
    /// How many threads are to compute; 0 stands for one on each core.
    let threads: Int

    init(_ wanted: Recipe.ComputePrecision, threads: Int = 0) {
      self.threads = threads
      switch wanted {
      case .fp32: (precision, notice) = (.fp32, nil)
      case .auto: (precision, notice) = (CPUKernels.hasBF16Units ? .bf16 : .fp32, nil)
      case .bf16 where CPUKernels.hasBF16Units: (precision, notice) = (.bf16, nil)
      case .bf16:
        precision = .fp32
        notice =
          "this processor, or the one dinod was built for, multiplies no bfloat16: "
          + "computing in fp32"
      }
    }

    /// As a recipe has it.
    init(_ recipe: Recipe) {
      self.init(recipe.train.computePrecision, threads: recipe.session.threads)
    }

    /// As a command line of a command with `Backend.options` has it: fp32 unless it says otherwise.
    init(_ arguments: Arguments) throws(UsageError) {
      self.init(
        try arguments.choice("--precision") ?? .fp32,
        threads: try arguments.integer("--threads", in: 0...1024) ?? 0)
    }

    /// The same choice, its notice said on standard error.
    func toldNotice() -> Choice {
      if let notice { tell(notice) }
      return self
    }

    /// What the kernels would take for an engine of this shape.
    func memory(for shape: EngineShape) -> BackendMemory {
      let device = CPUDevice(precision: precision, threads: WorkerPool.count(threads))
      return BackendMemory(device: device, scratchBytes: device.scratchBytes(for: shape.work))
    }
  }

  /// Options of commands that compute features.
  static let options: [Subcommand.Option] = [
    .init("--threads", "N", "threads that compute; by default one for each core"),
    .init(
      "--precision", "fp32|bf16|auto",
      "what products are computed in; by default fp32, and bf16 is up to twice as fast"),
  ]
}
