import Engine
import Model
import Objective
import Store
import Support
import Tensor
import TestSupport
import Testing

@Suite("A frozen teacher without heads teaches by its features")
struct FeatureDistillationTests {
  private func engine(
    images: Int = 3, change: (inout EngineShape) -> Void = { _ in }
  ) throws -> Engine {
    try SmallRun.engine(images: images, .standardisation) {
      $0.learnFromFeatures()
      change(&$0)
    }
  }

  private func batch(_ first: Int, images: Int = 3) -> StepInput {
    var batch = SmallRun.batch(Array(first..<first + images))
    batch.masks = nil
    return batch
  }

  @Test(
    "a student whose head standardises its own features has no loss, where it is its teacher and sees its crops"
  )
  func same() throws {
    let engine = try engine { $0.students[0].network.ibotHead = $0.network.dinoHead }
    let teacher = engine.values(of: .teacher)
    let first = engine.step(batch(0), SmallRun.values(koleo: 0))
    #expect(first.losses.dinoGlobal > 0.5 && first.losses.ibot > 0.5)
    // The backbone of the teacher, and heads that do what its targets are made by.
    var values = engine.values(of: .student)
    values.replaceSubrange(0..<teacher.count, with: teacher)
    let centers = engine.centers
    for head in ["dino", "ibot"] {
      let (mean, square) = (centers[head]!, centers[head + ".square"]!)
      for parameter in engine.layout.parameters(of: head + "_head.") {
        let isBias = parameter.name.hasSuffix("bias")
        for place in 0..<parameter.range.count {
          let (row, column) = isBias ? (place, 0) : (place / 24, place % 24)
          let deviation = (square[row] - mean[row] * mean[row]).squareRoot()
          values[parameter.range.lowerBound + place] =
            isBias ? -mean[row] / deviation : row == column ? 1 / deviation : 0
        }
      }
    }
    engine.set(.student, to: values)
    // The means over both steps are those of each, as the images are the same.
    let second = engine.step(batch(0), SmallRun.values(koleo: 0), withDiagnostics: true)
    #expect(abs(second.losses.dinoGlobal) < 1e-5 && abs(second.losses.ibot) < 1e-5)
    #expect(try #require(second.diagnostics?.agreement) > 0.9999)
    #expect(second.diagnostics?.distillation == nil && second.diagnostics?.teacherEntropy == nil)
  }

  @Test("the means of features are those over all steps, of all micro-batches")
  func means() throws {
    let (whole, parts) = (try engine(images: 4), try engine(images: 2))
    for step in 0..<3 {
      _ = whole.step(batch(4 * step, images: 4), SmallRun.values())
      _ = parts.step(SmallRun.values(), batches: 2) {
        [batch(4 * step + 2 * $0, images: 2)]
      }
    }
    for (name, mean) in whole.centers {
      let found = try #require(parts.centers[name])
      #expect(zip(mean, found).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($0)) }, "\(name)")
    }
    #expect(Set(whole.centers.keys) == ["dino", "ibot", "dino.square", "ibot.square"])
  }

  @Test("it goes on from a checkpoint with the same bits, means included")
  func continued() throws {
    let folder = TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let store = CheckpointStore(directory: folder.path)
    let (first, second) = (try engine(), try engine())
    for step in 0..<2 { _ = first.step(batch(3 * step), SmallRun.values(lr: 1e-3)) }
    let checkpoint = try store.write(step: 2) { (writer) throws(FileError) in
      try first.write(to: writer)
    }
    try second.load(checkpoint)
    for engine in [first, second] {
      for step in 2..<4 { _ = engine.step(batch(3 * step), SmallRun.values(lr: 1e-3)) }
    }
    for part in [Engine.Part.student, .average, .expAvg, .expAvgSq] {
      // What lies between two tensors is in no checkpoint.
      let values = [first, second].map { engine in
        let all = engine.values(of: part)
        return engine.layout.parameters.flatMap { all[$0.range] }
      }
      let isSame = values[0] == values[1]
      #expect(isSame, "\(part)")
    }
    let isSame = first.centers == second.centers
    #expect(isSame && first.centers["ibot"]!.contains { $0 != 0 })
  }
}
