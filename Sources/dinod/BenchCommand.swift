import Bench
import CommandKit
import KernelsCPU
import Recipe
import Support
import Trainer

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

extension Subcommand {
  static let bench = Subcommand(
    name: "bench", operands: "step|kernels|embed|neighbours", count: 1...1,
    summary:
      "time the training step, each kernel, the computation of features, or nearest neighbours",
    options: BenchOptions.general + BenchOptions.ofNeighbours
  ) { arguments in
    try arguments.operands[0] == "neighbours"
      ? NeighboursCommand(arguments).run() : BenchCommand(arguments).run()
  }
}

/// Times a part of Dino at the sizes at which the PyTorch reference is timed, and prints the same
/// figures.
struct BenchCommand {
  private let what: String
  let recipe: Recipe
  let steps: Int
  /// The prefix of the names of the kernels to time.
  private let only: String
  let asJSON: Bool
  private let isProfile: Bool

  init(_ arguments: Arguments) throws {
    what = arguments.operands[0]
    guard ["step", "kernels", "embed"].contains(what) else {
      throw UsageError("bench times step, kernels, embed or neighbours, not \(what)")
    }
    let isEmbed = what == "embed"
    let foreign =
      (isEmbed ? Self.ofTraining : ["--size"])
      + (what == "kernels" ? ["--steps", "--recompute"] : ["--only"])
      + (what == "step" ? [] : ["--profile"])
      + BenchOptions.ofNeighbours.map(\.name)
    if let option = foreign.first(where: arguments.has) {
      throw UsageError("\(option) has no effect in bench \(what)")
    }
    func value(_ name: String, _ standard: String) -> String { arguments.value(name) ?? standard }
    let side = value("--size", "224")
    let (prototypes, hidden) = (value("--prototypes", "65536"), value("--hidden", "2048"))
    let batch = value("--batch", isEmbed ? "16" : "4")
    // KoLeo needs a second image, and recipes with a batch of one reject it.
    let koleo = batch == "1" ? ["dino.koleo_loss_weight=0"] : []
    recipe = try Recipe().applying(
      koleo + [
        "student.arch=\(value("--arch", "vit_small"))",
        "student.patch_size=\(value("--patch", "14"))",
        "student.drop_path_rate=\(value("--drop-path", "0.3"))",
        "crops.global_crops_size=\(isEmbed ? side : value("--global-size", "224"))",
        "crops.local_crops_size=\(isEmbed ? side : value("--local-size", "98"))",
        "train.batch_size_per_gpu=\(batch)", "train.centering=sinkhorn_knopp",
        "ibot.separate_head=true", "dino.head_n_prototypes=\(prototypes)",
        "ibot.head_n_prototypes=\(prototypes)", "dino.head_hidden_dim=\(hidden)",
        "ibot.head_hidden_dim=\(hidden)", "session.threads=\(value("--threads", "0"))",
        "train.recompute=\(arguments.has("--recompute"))",
        "train.compute_precision=\(value("--precision", "auto"))",
      ])
    steps = try arguments.integer("--steps", in: 1...100_000) ?? 4
    only = value("--only", "")
    asJSON = arguments.has("--json")
    isProfile = arguments.has("--profile")
  }

  func run() throws -> Int32 {
    let backend = try Backend(Backend.Choice(recipe).printingNotice())
    switch what {
    case "step" where isProfile: try profile(backend)
    case "step": try step(backend)
    case "embed": try embed(backend)
    default: try lines(backend.makeKernels())
    }
    return 0
  }

  /// Options that do not apply to features.
  private static let ofTraining = [
    "--global-size", "--local-size", "--prototypes", "--hidden", "--drop-path", "--recompute",
  ]

  /// The fields that the reference prints, and the parts of the time.
  private struct StepFigures: Encodable {
    var arch: String
    var precision: String
    var batch: Int
    var threads: Int
    var stepS: Double
    var imagesPerS: Double
    var peakRssGib: Double
    var gflops: Double
    var arenaGib: Double
    var teacherS: Double
    var studentS: Double
    var backwardS: Double
    var optimiserS: Double
  }

  private func step(_ backend: Backend) throws {
    let result = try StepBench(recipe, kernels: backend.makeKernels()).run(steps: steps)
    let batch = recipe.train.batchSizePerGPU
    let figures = StepFigures(
      arch: recipe.student.arch, precision: backend.precision.rawValue, batch: batch,
      threads: backend.threads, stepS: rounded(result.seconds),
      imagesPerS: rounded(Double(batch) / result.seconds),
      peakRssGib: rounded(BenchOptions.peakGiB),
      gflops: rounded(result.flops / result.seconds / 1e9),
      arenaGib: rounded(Double(result.arenaBytes) / 0x1p30),
      teacherS: rounded(result.times.teacher),
      studentS: rounded(result.times.student), backwardS: rounded(result.times.backward),
      optimiserS: rounded(result.times.optimiser))
    if asJSON { return print(try JSONText.line(figures)) }
    print(
      """
      \(figures.arch)/\(recipe.student.patchSize), batch \(batch), \(figures.precision), \
      \(Format.count(figures.threads, "thread"))
      \(figures.imagesPerS) images/s, \(figures.stepS) s a step \
      (teacher \(figures.teacherS), student \(figures.studentS), backward \(figures.backwardS), \
      optimiser \(figures.optimiserS))
      \(figures.gflops) GFLOP/s, peak memory \(figures.peakRssGib) GiB, of which planned \
      \(figures.arenaGib)
      """)
  }

  private struct KernelFigures: Encodable {
    var kernel: String
    var precision: String
    var seconds: Double
    var gflops: Double?
    var peakShare: Double?
    var gbPerS: Double
  }

  private func lines(_ kernels: CPUKernels) throws {
    let timed = try KernelBench(recipe, kernels: kernels).run(seconds: 0.5, only: only)
    guard !timed.isEmpty else {
      throw UsageError("no kernel's name begins with \(only); bench kernels lists them all")
    }
    let peak = kernels.measuredPeak()
    let figures = timed.map { line in
      let rate = line.flops / line.seconds
      return KernelFigures(
        kernel: line.name, precision: kernels.precision.rawValue, seconds: line.seconds,
        gflops: line.flops > 0 ? rounded(rate / 1e9) : nil,
        peakShare: line.flops > 0 ? rounded(rate / peak) : nil,
        gbPerS: rounded(line.bytes / line.seconds / 1e9))
    }
    if asJSON { return print(try JSONText.line(figures)) }
    print(
      "peak of the matrix units in \(kernels.precision.rawValue) (\(kernels.matrixUnits)): "
        + "\(Int(peak / 1e9)) GFLOP/s")
    for line in figures {
      let rate = line.gflops.map { "\(Int($0)) GFLOP/s, \(Int(100 * line.peakShare!)) %" }
      print(
        line.kernel.padded(33) + " " + "\(rounded(1000 * line.seconds)) ms".padded(13) + " "
          + (rate ?? "\(Int(line.gbPerS)) GB/s"))
    }
  }

  func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
