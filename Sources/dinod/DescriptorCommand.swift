import CommandKit
import Crops
import Descriptor
import Run
import Support
import Synchronization
import Weights

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

extension Subcommand {
  static let descriptor = Subcommand(
    name: "descriptor", operands: "IMAGES…", count: 1...Int.max,
    summary: "train a descriptor of copies on images, for the embed.weights of a curation",
    options: [
      Option("--to", "DIR", "the new folder for the weights", isNeeded: true),
      Option("--minutes", "M", "how long it trains; by default 20"),
      Option("--steps", "N", "how many steps it trains instead, so that it can be repeated"),
      Option("--size", "S", "side of a view, pixels; by default 64"),
      Option("--patch", "P", "side of a patch, pixels; by default 8"),
      Option("--width", "D", "width of the descriptor, a multiple of 32; by default 96"),
      Option("--depth", "N", "blocks of the network; by default 2"),
      Option("--rate", "R", "learning rate; by default 0.001"),
      Option(
        "--batch", "N", "images of a step, of each of which two views are made; by default 128"),
      Option("--koleo-weight", "W", "weight of KoLeo; by default 5"),
      Option("--seed", "N", "seed of weights, order and views; by default 0"),
    ] + Backend.options
  ) { try DescriptorCommand($0).run() }
}

/// Trains a descriptor and writes its weights. A signal ends it early, with what it has.
private struct DescriptorCommand {
  private let folder: String
  private let seconds: Double
  private let steps: Int?
  private let settings: DescriptorSettings
  private let source: any ImageSource
  private let choice: Backend.Choice

  /// Seconds between two lines about the training.
  private static let pause = 10.0

  init(_ arguments: Arguments) throws {
    folder = arguments.needed("--to")
    guard arguments.value("--minutes") == nil || arguments.value("--steps") == nil else {
      throw UsageError("--minutes and --steps cannot be used together")
    }
    seconds = 60 * (try arguments.number("--minutes", in: 0.01...10_000) ?? 20)
    steps = try arguments.integer("--steps", in: 1...10_000_000)
    settings = try Self.settings(arguments)
    choice = try Backend.Choice(arguments).printingNotice()
    source = try imageFiles(arguments.operands)
    guard source.count >= 2 * settings.images else {
      throw UsageError(
        "\(Format.count(source.count, "image")) are too few for batches of \(settings.images): twice "
          + "as many are needed; --batch takes fewer")
    }
    try makeOutputFolder(folder, unlessItHas: "model.safetensors")
  }

  private static func settings(_ arguments: Arguments) throws -> DescriptorSettings {
    var settings = DescriptorSettings(
      mean: Preprocessing.imageNetMean.map(Float.init),
      std: Preprocessing.imageNetStd.map(Float.init))
    settings.size = try arguments.integer("--size", in: 8...512) ?? settings.size
    settings.patch = try arguments.integer("--patch", in: 2...64) ?? settings.patch
    settings.images = try arguments.integer("--batch", in: 2...4096) ?? settings.images
    settings.embedDim = try arguments.integer("--width", in: 32...4096) ?? settings.embedDim
    settings.depth = try arguments.integer("--depth", in: 1...64) ?? settings.depth
    settings.learningRate = try arguments.number("--rate", in: 1e-6...1) ?? settings.learningRate
    settings.koleoWeight =
      try arguments.number("--koleo-weight", in: 0...1000) ?? settings.koleoWeight
    settings.seed = UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 0)
    guard settings.embedDim.isMultiple(of: 32) else {
      throw UsageError("--width", takes: "a multiple of 32", not: "\(settings.embedDim)")
    }
    guard settings.size.isMultiple(of: settings.patch) else {
      throw UsageError(
        "--size \(settings.size) is not a multiple of --patch \(settings.patch)")
    }
    return settings
  }

  func run() throws -> Int32 {
    Signals.hold()
    let backend = try Backend(choice)
    let problems = Mutex(0)
    let training = try DescriptorTraining(
      settings, source, kernels: backend.makeKernels(), workers: backend.workers
    ) { problem in
      problems.withLock { $0 += 1 }
      fputs("skipped \(problem)\n", stderr)
    }
    let began = Clock.monotonic()
    var told = began
    while !Signals.isPending {
      let elapsed = Clock.monotonic() - began
      let share = steps.map { Double(training.step) / Double($0) } ?? elapsed / seconds
      guard share < 1 else { break }
      let result = try training.makeStep(share: share)
      guard Clock.monotonic() - told >= Self.pause else { continue }
      told = Clock.monotonic()
      tell(training.step, result, share, told - began)
    }
    try write(training)
    return 0
  }

  private func tell(
    _ step: Int, _ result: ContrastiveLoss.Result, _ share: Double, _ elapsed: Double
  ) {
    let left = Format.duration((elapsed / max(share, 1e-9) * (1 - share)).rounded(.up))
    fputs(
      "step \(step)  InfoNCE \(Format.decimals(result.infoNCE, 3))  KoLeo "
        + "\(Format.decimals(result.koleo, 3))  copies found "
        + "\(Format.decimals(100 * result.accuracy, 1)) %  left \(left)\n", stderr)
  }

  private func write(_ training: DescriptorTraining) throws {
    let (size, shape) = (settings.size, settings.shape)
    let weights = BackboneWeights(
      shape: shape, values: training.weights,
      preprocessing: Preprocessing(
        mean: Preprocessing.imageNetMean, std: Preprocessing.imageNetStd,
        resize: .exact(height: size, width: size), crop: .init(height: size, width: size),
        filter: .bicubic),
      source: .trained(path: folder))
    // The folder was made to see that it can be.
    try weights.write(to: folder)
    print("\(folder): \(weights.summary), after \(Format.count(training.step, "step"))")
  }
}
