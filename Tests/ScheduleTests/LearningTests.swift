import Recipe
import Run
import Schedule
import Testing

@Suite("whether a run learns, and which of its checkpoints is the best")
struct LearningTests {
  private func result(_ step: Int, _ values: [Metric: Double], images: Int = 1000) -> ProbeResult {
    ProbeResult(
      step: step, time: 0, name: ProbeResult.knn, values: values, images: images, classes: 10)
  }

  /// Probes of a run whose untrained network has 28 % and whose raw pixels have 36 %.
  private func probes(_ accuracies: [Double], every: Int = 100) -> [ProbeResult] {
    [result(0, [.knnLearned: 0.28, .knnUntrained: 0.28, .knnRawPixels: 0.36])]
      + accuracies.enumerated().map { number, accuracy in
        result(
          (number + 1) * every,
          [.knnLearned: accuracy, .knnUntrained: 0.28, .knnRawPixels: 0.36])
      }
  }

  @Test("a run that falls back to the untrained network is called that, from a tenth of its steps")
  func fallsBack() {
    let early = probes([0.30, 0.29, 0.27, 0.28])
    #expect(Learning(early, steps: 5000).verdict == .learning)
    let found = Learning(probes([0.29, 0.29, 0.27, 0.28, 0.28]), steps: 5000)
    #expect(found.verdict == .notBetterThanUntrained && found.isProblem)
    #expect(
      found.reason
        == "features are no better than the untrained network's: k-NN 28.0 % against 28.0 %")
    // One probe may be chance.
    #expect(Learning(probes([0.29, 0.29, 0.29, 0.34, 0.28]), steps: 5000).verdict != .unknown)
    #expect(Learning(probes([0.29, 0.29, 0.29, 0.34, 0.28]), steps: 5000).isProblem == false)
  }

  @Test("a run that was better before is told, with the step, if two probes show it")
  func worse() {
    let falling = probes([0.35, 0.45, 0.52, 0.46, 0.45])
    let found = Learning(falling, steps: 1000)
    #expect(found.verdict == .worse)
    #expect(found.reason == "features get worse: k-NN is 45.0 %, and was 52.0 % at step 300")
    #expect(Learning(Array(falling.dropLast()), steps: 1000).verdict == .learning)
    // Of 20 images a difference of 6 points is chance.
    let few = falling.map { result($0.step, $0.values, images: 20) }
    #expect(Learning(few, steps: 1000).verdict == .learning)
  }

  @Test("a phase in which features got worse can be undone, if they were better before it")
  func remedy() {
    func phase(_ index: Int, _ step: Int) -> PhaseStatus {
      PhaseStatus(
        name: "thaw", index: index, count: 2, step: step, steps: 500, globalCropsSize: 32,
        localCropsSize: 16)
    }
    let found = Learning(probes([0.45, 0.52, 0.46, 0.45]), steps: 1000)
    // The phase began with step 201, or was there before the best one, or is the first.
    #expect(found.remedy(phase(1, 200), step: 400)?.contains("dino phase NAME back") == true)
    #expect(found.remedy(phase(1, 300), step: 400) == nil)
    #expect(found.remedy(phase(0, 200), step: 400) == nil)
    // It began when the fall had begun: one of the two probes that show it is of the phase before, or both.
    #expect(found.remedy(phase(1, 100), step: 400) == nil)
    #expect(found.remedy(phase(1, 0), step: 400) == nil)
    // An earlier phase forgot; what was there when this one began is no better.
    let later = Learning(probes([0.45, 0.52, 0.46, 0.45, 0.45, 0.44]), steps: 1000)
    #expect(later.verdict == .worse && later.remedy(phase(1, 200), step: 600) == nil)
    let better = Learning(probes([0.45, 0.46]), steps: 1000)
    #expect(better.remedy(phase(1, 200), step: 200) == nil)
  }

  @Test("a run that began with weights is compared with what they could do")
  func fromWeights() {
    func run(_ accuracies: [Double]) -> Learning {
      let results = accuracies.enumerated().map { number, accuracy in
        result(number * 100, [.knnLearned: accuracy, .knnRawPixels: 0.36])
      }
      return Learning(results, steps: 1000)
    }
    // While the backbone rests its accuracy stays what it was.
    #expect(run([0.80, 0.80, 0.80, 0.80]).verdict == .learning)
    let forgetting = run([0.80, 0.80, 0.80, 0.74, 0.73])
    #expect(forgetting.verdict == .worse && forgetting.reason.hasSuffix("80.0 % at step 0"))
  }

  @Test("features no better than pixels are told in the second half")
  func pixels() {
    let found = Learning(probes([0.33, 0.34, 0.34, 0.35, 0.35]), steps: 1000)
    #expect(found.verdict == .notBetterThanPixels)
    #expect(Learning(probes([0.33, 0.34, 0.34, 0.35]), steps: 1000).verdict == .learning)
    #expect(Learning(probes([0.33, 0.34, 0.37, 0.40, 0.42]), steps: 1000).verdict == .learning)
  }

  @Test("without labels, RankMe and LiDAR that both fall for three probes are told")
  func labelFree() {
    func run(_ ranks: [Double], _ lidars: [Double]) -> [ProbeResult] {
      zip(ranks, lidars).enumerated().map { number, values in
        result((number + 1) * 100, [.rankMe: values.0, .lidar: values.1])
      }
    }
    // What the untrained network had does not count.
    let ranks = [150, 90, 60, 64, 55, 54, 53].map(Double.init)
    let lidars = [60, 50, 30, 32, 28, 27, 26].map(Double.init)
    let found = Learning(run(ranks, lidars), steps: 1500)
    #expect(found.verdict == .worse)
    #expect(
      found.reason
        == "features use fewer directions: RankMe is 53.0, and was 64.0 at step 400")
    #expect(Learning(run(ranks, lidars.map { _ in 30 }), steps: 1500).verdict == .learning)
    #expect(Learning(run(Array(ranks.prefix(1)), [1]), steps: 1500).verdict == .unknown)
  }

  @Test("the best is that by k-NN if there are labels, else by the mean rank of three scores")
  func ranking() {
    let labelled = probes([0.3, 0.5, 0.5, 0.4])
    let byKNN = ProbeRanking(labelled, by: .auto)
    #expect(byKNN.criterion == .knn && byKNN.steps == [300, 200, 400, 100])
    #expect(byKNN.probesSinceBest == 1)
    let scores: [(Double, Double, Double, Double)] = [
      // RankMe, LiDAR, separation, dimensions
      (90, 90, 0.9, 0.9), (40, 20, 0.2, 0.5), (50, 22, 0.4, 0.5), (45, 25, 0.3, 0.5),
      (41, 21, 0.1, 0.5), (39, 19, 0.15, 0.5),
    ]
    let unlabelled = scores.enumerated().map { number, values in
      result(
        (number + 1) * 100 + (number == 0 ? 0 : 400),
        [
          .rankMe: values.0, .lidar: values.1, .denseSeparation: values.2,
          .denseDimensions: values.3,
        ])
    }
    // The first lies before a fifth of the steps.
    let found = ProbeRanking(unlabelled, by: .auto)
    #expect(found.criterion == .labelFree && found.steps.prefix(2) == [700, 800])
    #expect(ProbeRanking(unlabelled, by: .lidar).steps.first == 800)
    #expect(ProbeRanking(unlabelled, by: .knn).steps.isEmpty)
    #expect(ProbeRanking(labelled, by: .labelFree).steps.isEmpty)
  }

  @Test("DSE weighs its parts by how much they vary over the checkpoints of a run")
  func dense() {
    let results = [(0.0, 0.1), (2, 0.3)].enumerated().map { number, parts in
      result(number + 1, [.denseSeparation: parts.0, .denseDimensions: parts.1])
    }
    let scores = ProbeRanking.denseScores(results)
    #expect(abs(scores[1]! - 1) < 1e-9 && abs(scores[2]! - 5) < 1e-9, "\(scores)")
    #expect(ProbeRanking.denseScores([]).isEmpty)
  }
}
