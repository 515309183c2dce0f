import Engine
import Features
import Kernels
import Model
import Objective
import Support

/// Steps of the official method that were recorded in PyTorch, to be replayed and compared.
package struct RecordedCase {
  private let description: CaseDescription
  private let expected: [ExpectedStep]
  private let tensors: CaseTensors

  /// Opens the five files of a case and checks that they are consistent. Loads no tensor.
  package init(folder: String) throws {
    description = try CaseDescription(file: folder + "/case.json")
    let layout = description.engineShape.network.layout
    expected = try ExpectedStep.read(
      file: folder + "/expected.json", steps: description.steps.count,
      modules: description.groups(layout).modules.map(\.name))
    tensors = try CaseTensors(folder: folder, description, layout)
  }

  /// A summary such as `3 steps of 4 images, 2 blocks of width 32`.
  package var summary: String {
    "\(Format.count(description.steps.count, "step")) of \(Format.count(description.counts.images, "image")), "
      + (description.world > 1 ? "\(Format.count(description.world, "rank")), " : "")
      + "\(Format.count(description.backbone.depth, "block")) of width \(description.backbone.embedDim)"
  }

  /// Replays every step and compares losses, gradient norms, gradients, parameters and features.
  package func verify(makeKernels: () -> any Kernels) throws -> CaseReport {
    let engine = try Engine(
      description.engineShape, groups: description.groups, kernels: makeKernels())
    engine.set(.student, to: try tensors.parameters(.student))
    engine.set(.average, to: try tensors.parameters(.student))
    engine.set(.teacher, to: try tensors.parameters(.teacher))
    var report = CaseReport()
    for (number, step) in description.steps.enumerated() {
      let outcome = engine.step(try inputs(number), step)
      compare(outcome, expected[number], number, engine, &report)
      if let nearest = nearest(engine) { report.nearest.append(nearest) }
      if number == 0 {
        try compare(.gradients, engine, .gradients, "grad.student.", &report)
      }
    }
    try compare(.parameters, engine, .student, "final.student.", &report)
    let average = description.average
    try compare(.parameters, engine, average.part, average.prefix, &report)
    let averaged = engine.values(of: average.part)
    try compareFeatures(
      .features, "features",
      of: description.inputs(description.steps.count - 1, rank: 0) + "global_crops",
      description.engineShape.globalCrops, averaged, makeKernels(), &report)
    try compareFeatures(
      .rectangularFeatures, "features.rectangular", of: "features.rectangular",
      tensors.rectangular(), averaged, makeKernels(), &report)
    return report
  }

  /// Returns the smallest distance between two CLS tokens that KoLeo compared in the last step;
  /// `nil` if KoLeo compares none, or more than 1024 images.
  private func nearest(_ engine: Engine) -> Double? {
    let (images, width) = (description.counts.images, description.backbone.embedDim)
    guard description.koleoWeight > 0, (2...1024).contains(images) else { return nil }
    let tokens = engine.studentTokens
    let units = (0..<2 * images).map { row -> [Double] in
      let token = tokens[row * width..<(row + 1) * width].map(Double.init)
      let length = token.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return token.map { $0 / max(length, 1e-30) }
    }
    var least = Double.infinity
    for crop in 0..<description.koleoCrops {
      for i in crop * images..<(crop + 1) * images {
        for j in crop * images..<i {
          let squares = zip(units[i], units[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
          least = min(least, squares)
        }
      }
    }
    return least.squareRoot()
  }

  /// Returns the inputs of a step, one for each rank.
  private func inputs(_ step: Int) throws -> [StepInput] {
    try (0..<description.world).map { rank in
      let names = description.inputs(step, rank: rank)
      return StepInput(
        globalCrops: try tensors.images(names + "global_crops"),
        localCrops: try tensors.images(names + "local_crops"), masks: try tensors.masks(names),
        keep: try tensors.keep(names))
    }
  }

  private func compare(
    _ outcome: StepOutcome, _ expected: ExpectedStep, _ number: Int, _ engine: Engine,
    _ report: inout CaseReport
  ) {
    let losses = outcome.losses
    let pairs = [
      ("total_loss", outcome.total, expected.total),
      ("dino_local_crops_loss", losses.dinoLocal, expected.dinoLocalCrops),
      ("dino_global_crops_loss", losses.dinoGlobal, expected.dinoGlobalCrops),
      (
        "koleo_loss", losses.koleo * description.koleoWeight / Double(description.koleoCrops),
        expected.koleo
      ),
      ("ibot_loss", losses.ibot / 2, expected.ibot),
    ]
    var expansion: [(String, Double, Double)] = []
    if case .codingRate = description.objective {
      expansion = [("coding_rate_loss", losses.codingRate, expected.codingRate)]
    }
    for (name, found, wanted) in pairs + expansion {
      report.compare(.losses, "step \(number) \(name)", found, wanted)
    }
    for (n, name) in engine.modules.enumerated() {
      report.compare(
        .gradientNorms, "step \(number) \(name)", outcome.gradientNorms[n], expected.gradNorms[n])
    }
  }

  private func compare(
    _ family: CaseReport.Family, _ engine: Engine, _ part: Engine.Part, _ prefix: String,
    _ report: inout CaseReport
  ) throws {
    let values = engine.values(of: part)
    let width = description.backbone.embedDim
    let group = part == .gradients ? "student" : part.rawValue
    for parameter in engine.layout.parameters {
      // In exact arithmetic the bias of the keys has no gradient, so its step is that of rounding
      // noise.
      let skipped = parameter.name.hasSuffix("attn.qkv.bias") ? width..<2 * width : 0..<0
      report.compare(
        family, group, parameter.name, values[parameter.range],
        try tensors.result(prefix + parameter.name), leavingOut: skipped)
    }
  }

  /// Compares the tokens that a network's parameters give for some images.
  private func compareFeatures(
    _ family: CaseReport.Family, _ name: String, of images: String, _ group: CropGroup,
    _ network: [Float], _ kernels: any Kernels, _ report: inout CaseReport
  ) throws {
    let embedder = try Embedder(description.backbone, group: group, kernels: kernels)
    embedder.load(network[0..<embedder.layout.count])
    let features = embedder.features(try tensors.images(images))
    for (kind, values) in [("cls", features.cls), ("patches", features.patches)] {
      report.compare(
        family, kind, kind, values[...], try tensors.result("\(name).\(kind)"))
    }
  }
}
