import Images
import Settings
import Support
import Tensor
import TestSupport
import Testing

import Curation

@Suite("A probe trained on examples")
struct ProbeTests {
  /// Unit vectors about two directions that overlap a little.
  private func examples(_ count: Int, noise: Float) -> LogisticProbe.Examples {
    var random = CounterRandom(seed: 2, use: .test)
    var features: [Float] = []
    for number in 0..<count {
      var vector = (0..<6).map { _ in noise * (random.uniform() - 0.5) }
      vector[number % 3 == 0 ? 0 : 1] += 1
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      features += vector.map { $0 / length }
    }
    return LogisticProbe.Examples(
      width: 6, features: features, isPositive: (0..<count).map { $0 % 3 == 0 })
  }

  @Test("the gradient is that of finite differences")
  func gradient() {
    let examples = examples(20, noise: 2)
    let weights = (0..<7).map { 0.3 * Double($0) - 1 }
    let gradient = LogisticProbe.gradient(examples, weights, penalty: 0.05)
    for at in weights.indices {
      var (more, less) = (weights, weights)
      more[at] += 1e-5
      less[at] -= 1e-5
      let slope =
        (LogisticProbe.loss(examples, more, penalty: 0.05)
          - LogisticProbe.loss(examples, less, penalty: 0.05)) / 2e-5
      #expect(abs(slope - gradient[at]) < 1e-8, "\(at)")
    }
  }

  @Test("the loss is at its least: the gradient of the fitted weights is small")
  func converged() {
    let examples = examples(60, noise: 3)
    for penalty in [1e-3, 1e-1] {
      let probe = LogisticProbe(examples, penalty: penalty)
      let gradient = LogisticProbe.gradient(examples, probe.weights, penalty: penalty)
      #expect(gradient.allSatisfy { abs($0) < 2e-3 }, "\(penalty): \(gradient)")
    }
  }

  @Test("held-out scores tell examples apart if features do, and not if they say nothing")
  func crossValidation() {
    let workers = WorkerPool(threads: 2)
    defer { workers.stop() }
    let good = examples(60, noise: 0.5)
    let validation = CrossValidation(good, seed: 1, workers: workers)
    #expect(validation.shares(above: 0.5, good.isPositive) == (1, 0))
    var random = CounterRandom(seed: 9, use: .test)
    // So many features that examples which a probe was trained on are told apart by chance.
    let noise = LogisticProbe.Examples(
      width: 60, features: (0..<60 * 80).map { _ in random.uniform() - 0.5 },
      isPositive: (0..<80).map { $0 % 2 == 0 })
    let blind = CrossValidation(noise, seed: 1, workers: workers)
    let shares = blind.shares(above: 0.5, noise.isPositive)
    #expect(abs(shares.positive - shares.negative) < 0.3)
    let alone = WorkerPool(threads: 1)
    defer { alone.stop() }
    #expect(CrossValidation(noise, seed: 1, workers: alone) == blind)
  }

  private static let keys = """
    embed: {weights: colours}
    probe: {positive: [bad], negative: [good]}
    duplicates: {parts: false, hash_distance: 0, threshold: 1}

    """

  private func pool() throws -> TestPool {
    let test = TestPool()
    test.embedding = ColourEmbedding()
    for number in 0..<6 {
      try test.add(.coloured(200, 60 + number, 60, seed: number), "red\(number).png")
      try test.add(.coloured(60, 200, 60 + number, seed: 20 + number), "green\(number).png")
      test.folder.write(
        encodePNG(.coloured(190, 70, 50 + number, seed: 50 + number)), to: "bad/\(number).png")
      test.folder.write(
        encodePNG(.coloured(70, 190, 50 + number, seed: 70 + number)), to: "good/\(number).png")
    }
    return test
  }

  @Test("what is like the positive examples goes, by a score that is written for all images")
  func stage() throws {
    let test = try pool()
    let catalogue = try test.curate(Self.keys)
    let kept = try test.kept(catalogue)
    #expect(kept.count == 6 && kept.allSatisfy { $0.hasPrefix("green") }, "\(kept)")
    let verdict = try #require(try test.verdict(catalogue, "red3.png"))
    #expect(verdict.rule == "probe.max_score" && verdict.score ?? 0 > 0.5)
    let scores = try String(contentsOfFile: test.pool.scores, encoding: .utf8)
    #expect(scores.split(separator: "\n").count == 13)
    let curve = try String(contentsOfFile: test.pool.curve, encoding: .utf8)
    #expect(curve.contains("\n0.5000,1.0000,0.0000\n"))
    // A lower threshold alone does the stage again, with the same features.
    let computed = (test.embedding as! ColourEmbedding).computed
    let all = try test.curate(Self.keys.replacing("[good]}", with: "[good], max_score: 1}"))
    #expect(try test.kept(all).count == 12)
    #expect((test.embedding as! ColourEmbedding).computed == computed)
  }

  @Test("too few examples, or only one kind, are refused")
  func few() throws {
    let test = try pool()
    for number in 0..<2 { try FileSystem.removeFile(test.folder.file("bad/\(number).png")) }
    let error = #expect(throws: CatalogueError.self) { try test.curate(Self.keys) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("too few positive examples, 4"))
    #expect(throws: SettingError.self) {
      try test.plan("embed: {weights: colours}\nprobe: {positive: [bad]}\n")
    }
    #expect(throws: SettingError.self) { try test.plan("probe: {positive: [a], negative: [b]}\n") }
  }
}
