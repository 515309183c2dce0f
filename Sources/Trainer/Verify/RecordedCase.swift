import Evaluation
import FoundationEssentials
import Kernels
import Model
import Objective
import Optimiser
import Store

/// Steps of the official method that were recorded in PyTorch, to be computed again and compared.
package struct RecordedCase {
  private let folder: String
  private let description: CaseDescription
  private let expected: [ExpectedStep]
  private let start: SafetensorsFile
  private let inputs: SafetensorsFile
  private let results: SafetensorsFile

  /// Opens a case's five files and checks that its sizes can be computed with.
  package init(folder: String) throws {
    self.folder = folder
    func json<Value: Decodable>(_ type: Value.Type, _ file: String) throws -> Value {
      let path = folder + "/" + file
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw CaseError(path: path, problem: "cannot be read")
      }
      do {
        return try CaseDescription.decode(type, from: text)
      } catch {
        throw CaseError(path: path, problem: "is not what a recorded case has there")
      }
    }
    description = try json(CaseDescription.self, "case.json")
    expected = try json([ExpectedStep].self, "expected.json")
    start = try SafetensorsFile(path: folder + "/init.safetensors")
    inputs = try SafetensorsFile(path: folder + "/inputs.safetensors")
    results = try SafetensorsFile(path: folder + "/expected.safetensors")
    if let problem = description.problem {
      throw CaseError(path: folder + "/case.json", problem: problem)
    }
    guard expected.count == description.steps.count else {
      throw CaseError(
        path: folder + "/expected.json",
        problem: "has \(expected.count) steps, case.json has \(description.steps.count)")
    }
  }

  /// Replays every step, then compares losses, gradient norms, gradients, parameters and features.
  package func verify(makeKernels: () -> any Kernels) throws -> CaseReport {
    let shape = description.engineShape
    let engine = try Engine(
      shape,
      groups: {
        ParameterGroups(
          layout: $0, depth: description.depth, layerwiseDecay: description.layerwiseDecay,
          patchEmbedLrMult: description.patchEmbedLrMult)
      }, kernels: makeKernels())
    engine.set(.student, to: try values(start, "student.", engine.layout))
    engine.set(.teacher, to: try values(start, "teacher.", engine.layout))
    var report = CaseReport()
    for (number, step) in description.steps.enumerated() {
      let outcome = engine.step(
        try input(number),
        StepValues(
          lr: step.lr, lastLayerLr: step.lastLayerLr, weightDecay: step.weightDecay,
          momentum: step.momentum, teacherTemp: step.teacherTemp, clipGrad: description.clipGrad,
          weights: description.lossWeights))
      compare(outcome, expected[number], number, engine, &report)
      if number == 0 {
        try compare(.gradients, engine, .gradients, "grad.student.", &report)
      }
    }
    try compare(.parameters, engine, .student, "final.student.", &report)
    try compare(.parameters, engine, .teacher, "final.teacher.", &report)
    try compareFeatures(engine.values(of: .teacher), makeKernels, &report)
    return report
  }

  /// Every tensor of a layout, from a file that has them under a prefix.
  private func values(
    _ file: SafetensorsFile, _ prefix: String, _ layout: ParameterLayout
  ) throws -> [Float] {
    var values = [Float](repeating: 0, count: layout.count)
    for parameter in layout.parameters {
      values.replaceSubrange(
        parameter.range, with: try tensor(file, prefix + parameter.name, parameter.shape))
    }
    return values
  }

  private func tensor(_ file: SafetensorsFile, _ name: String, _ shape: [Int]) throws -> [Float] {
    let found = try file.tensor(name).shape
    guard found == shape else {
      throw CaseError(
        path: file.path, problem: "\(name) has shape \(found), case.json makes it \(shape)")
    }
    return try file.floats(name)
  }

  private func input(_ step: Int) throws -> StepInput {
    let d = description
    let grid = d.globalSize / d.patchSize
    let masks = try inputs.uint8s("\(step).masks")
    guard masks.count == 2 * d.batch * grid * grid else {
      throw CaseError(path: inputs.path, problem: "\(step).masks has \(masks.count) entries")
    }
    return StepInput(
      globalCrops: try tensor(
        inputs, "\(step).global_crops", [2 * d.batch, 3, d.globalSize, d.globalSize]),
      localCrops: try tensor(
        inputs, "\(step).local_crops", [d.localCrops * d.batch, 3, d.localSize, d.localSize]),
      masks: masks.map(Int32.init), keep: try keep(step))
  }

  private func keep(_ step: Int) throws -> [KeptSequences]? {
    guard (description.dropPath ?? 0) > 0 else { return nil }
    func rows(_ block: Int, _ branch: String) throws -> [[Int]] {
      let counts = description.engineShape.counts
      return try [("global", counts.global), ("local", counts.local)].map { crops, count in
        let name = "\(step).keep.\(block).\(branch).\(crops)"
        let rows = try inputs.int32s(name).map(Int.init)
        guard !rows.isEmpty, Set(rows).count == rows.count, rows.allSatisfy((0..<count).contains)
        else {
          throw CaseError(path: inputs.path, problem: "\(name) names rows that are not there")
        }
        return rows
      }
    }
    return try (0..<description.depth).map {
      KeptSequences(attention: try rows($0, "attn"), feedForward: try rows($0, "ffn"))
    }
  }
}

extension RecordedCase {
  private func compare(
    _ outcome: StepOutcome, _ expected: ExpectedStep, _ number: Int, _ engine: Engine,
    _ report: inout CaseReport
  ) {
    let losses = outcome.losses
    let pairs = [
      ("total_loss", outcome.total, expected.total),
      ("dino_local_crops_loss", losses.dinoLocal, expected.dinoLocalCropsLoss),
      ("dino_global_crops_loss", losses.dinoGlobal, expected.dinoGlobalCropsLoss),
      ("koleo_loss", losses.koleo * description.koleoWeight / 2, expected.koleoLoss),
      ("ibot_loss", losses.ibot / 2, expected.ibotLoss),
    ]
    for (name, found, wanted) in pairs {
      report.compare(.losses, "step \(number) \(name)", found, wanted)
    }
    for (name, found) in zip(engine.modules, outcome.gradientNorms) {
      report.compare(
        .gradientNorms, "step \(number) \(name)", found, expected.gradNorm[name] ?? .nan)
    }
  }

  private func compare(
    _ family: CaseReport.Family, _ engine: Engine, _ part: Engine.Part, _ prefix: String,
    _ report: inout CaseReport
  ) throws {
    let values = engine.values(of: part)
    let width = description.embedDim
    for parameter in engine.layout.parameters {
      // The key's bias has no gradient in exact arithmetic; its step is the sign of rounding noise.
      let skipped = parameter.name.hasSuffix("attn.qkv.bias") ? width..<2 * width : 0..<0
      report.compare(
        family, part.rawValue + "." + parameter.name, values[parameter.range],
        try tensor(results, prefix + parameter.name, parameter.shape), leavingOut: skipped)
    }
  }

  /// The final teacher's tokens of the last step's global crops, and of images that are not square.
  private func compareFeatures(
    _ teacher: [Float], _ makeKernels: () -> any Kernels, _ report: inout CaseReport
  ) throws {
    let d = description
    let last = d.steps.count - 1
    let cases = [
      ("features", "\(last).global_crops"), ("features.rectangular", "features.rectangular"),
    ]
    for (name, images) in cases {
      let shape = try inputs.tensor(images).shape
      guard shape.count == 4, shape[1] == 3, shape[2] % d.patchSize == 0,
        shape[3] % d.patchSize == 0
      else { throw CaseError(path: inputs.path, problem: "\(images) has shape \(shape)") }
      let group = CropGroup(
        count: shape[0], rows: shape[2] / d.patchSize, columns: shape[3] / d.patchSize)
      let embedder = try Embedder(d.backbone, group: group, kernels: makeKernels())
      embedder.load(teacher[0..<embedder.layout.count])
      let features = embedder.features(try inputs.floats(images))
      let (cls, patches) = (name + ".cls", name + ".patches")
      report.compare(
        .features, cls, features.cls[...], try tensor(results, cls, [group.count, d.embedDim]))
      report.compare(
        .features, patches, features.patches[...],
        try tensor(results, patches, [group.count, group.patchesEach, d.embedDim]))
    }
  }
}

/// A recorded case that cannot be replayed.
package struct CaseError: Error, CustomStringConvertible {
  package let path: String
  package let problem: String

  package var description: String { "\(path): \(problem); record the case again" }
}
