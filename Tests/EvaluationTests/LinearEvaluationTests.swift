import Evaluation
import Features
import Foundation
import Kernels
import Tensor
import Testing

@Suite("Linear evaluation")
struct LinearEvaluationTests {
  private typealias Part = LinearEvaluation.Part

  /// Rows of three values with given labels: the CLS tokens of two blocks with width 1, and a
  /// pooled patch.
  private func part(_ rows: [[Float]], _ labels: [Int]) throws -> Part {
    Part(
      FeatureTable(embedDim: 1, layers: 2, hasPooled: true, rows: rows.flatMap(\.self)),
      labels: labels)
  }

  @Test("the grid is the paper's: thirteen rates, one and four blocks, with and without patches")
  func grid() {
    let grid = LinearGrid(embedDim: 10, depth: 12, batch: 128)
    #expect(grid.rates.count == 13 && abs(grid.rates[12] - 0.05) < 1e-12)
    #expect(grid.inputs.map(\.layers) == [1, 1, 4, 4])
    #expect(grid.inputs.map(\.pooled) == [false, true, false, true])
    #expect(grid.inputs.map(\.columns) == [30..<40, 30..<50, 0..<40, 0..<50])
    #expect(
      LinearGrid(embedDim: 10, depth: 1, batch: 256).inputs.map(\.columns) == [0..<10, 0..<20])
    #expect(LinearGrid(embedDim: 10, depth: 2, batch: 256).inputs.map(\.layers) == [1, 1, 2, 2])
    let alone = LinearGrid(clsOf: 10, batch: 256, rates: [0.1])
    #expect(alone.inputs.map(\.columns) == [0..<10] && alone.rates == [0.1])
  }

  @Test("each classifier sees its columns alone, and the best on the validation part is chosen")
  func columns() throws {
    // The last block's CLS token carries no information, the one before it half, the pooled patch
    // all of it.
    let labels = (0..<240).map { $0 % 4 }
    let noise = numbers(240)
    let rows = labels.enumerated().map { place, label -> [Float] in
      [label < 2 ? -2 : 2, 0.01 * noise[place], label % 2 == 0 ? -2 : 2]
    }
    let all = try part(rows, labels)
    var linear = LinearEvaluation()
    linear.iterations = 300
    linear.batch = 32
    let grid = LinearGrid(embedDim: 1, depth: 2, batch: 32, rates: [0.01, 4])
    let outcome = try linear.run(
      train: all, fitting: Array(0..<200), validation: Array(200..<220), test: all, grid: grid,
      classes: 4, kernels: kernels())
    #expect(outcome.classifiers.count == 8)
    let best = outcome.classifiers[outcome.best]
    #expect(best.input.layers == 2 && best.input.pooled)
    #expect(best.test.value == 1 && best.validation == Accuracy(correct: 20, count: 20))
    #expect(outcome.predictions == labels)
    #expect(outcome.weight.count == 12 && outcome.bias.count == 4)
    // With half of the information, at most half of the predictions can be correct.
    for classifier in outcome.classifiers where classifier.input.columns.count < 3 {
      #expect(classifier.test.value < 0.6, "\(classifier)")
    }
  }

  @Test("training is SGD with momentum 0.9 and cosine decay, as a plain loop computes it")
  func plainLoop() throws {
    let labels = [0, 1, 2, 1, 0, 2]
    let rows = (0..<6).map { row in Array(numbers(18)[row * 3..<row * 3 + 3]) }
    let all = try part(rows, labels)
    var linear = LinearEvaluation()
    // Every batch contains all rows, so their order does not matter.
    linear.batch = 6
    func weights(_ iterations: Int) throws -> (weight: [Float], bias: [Float]) {
      linear.iterations = iterations
      let grid = LinearGrid(embedDim: 1, depth: 2, batch: 256, rates: [0.7])
      let outcome = try linear.run(
        train: all, fitting: Array(0..<6), validation: [], test: all, grid: grid, classes: 3,
        kernels: kernels())
      #expect(outcome.best == 0)
      return (outcome.weight, outcome.bias)
    }
    // The first input is the last block's CLS token: one number for each row. One iteration with a
    // rate close to 0 reveals the initial weights.
    let x = rows.map { Double($0[1]) }
    let (end, endBias) = try weights(5)
    let start = try beginning(all)
    let (w, b) = plainSGD(x, labels, from: start)
    for c in 0..<3 {
      #expect(abs(Double(end[c]) - w[c]) < 1e-5 && abs(Double(endBias[c]) - b[c]) < 1e-5)
      #expect(abs(w[c] - Double(start[c])) > 1e-3)
    }
  }

  /// Five iterations of SGD at rate 0.7 over all rows, with one number for each row and one weight
  /// for each class.
  private func plainSGD(
    _ x: [Double], _ labels: [Int], from start: [Float]
  ) -> (weight: [Double], bias: [Double]) {
    var w = start.map(Double.init)
    var b = [Double](repeating: 0, count: 3)
    var (vw, vb) = ([Double](repeating: 0, count: 3), [Double](repeating: 0, count: 3))
    for iteration in 0..<5 {
      var (gw, gb) = ([Double](repeating: 0, count: 3), [Double](repeating: 0, count: 3))
      for (row, label) in labels.enumerated() {
        let scores = (0..<3).map { exp(w[$0] * x[row] + b[$0]) }
        for c in 0..<3 {
          let error = (scores[c] / scores.reduce(0, +) - (c == label ? 1 : 0)) / 6
          gw[c] += error * x[row]
          gb[c] += error
        }
      }
      let rate = 0.7 * 0.5 * (1 + cos(Double.pi * Double(iteration) / 5))
      for c in 0..<3 {
        vw[c] = 0.9 * vw[c] + gw[c]
        vb[c] = 0.9 * vb[c] + gb[c]
        w[c] -= rate * vw[c]
        b[c] -= rate * vb[c]
      }
    }
    return (w, b)
  }

  /// Returns the initial weights of the first classifier.
  private func beginning(_ part: LinearEvaluation.Part) throws -> [Float] {
    var linear = LinearEvaluation()
    (linear.iterations, linear.batch) = (1, 6)
    let grid = LinearGrid(embedDim: 1, depth: 2, batch: 256, rates: [1e-30])
    return try linear.run(
      train: part, fitting: Array(0..<6), validation: [], test: part, grid: grid, classes: 3,
      kernels: kernels()
    ).weight
  }

  @Test("a rate that makes weights run away costs its classifier, not the evaluation")
  func divergence() throws {
    let labels = (0..<40).map { $0 % 2 }
    let rows = labels.map { [Float($0) * 2 - 1, Float($0) * 2 - 1, Float($0) * 2 - 1] }
    let all = try part(rows.map { $0.map { $0 * 1e10 } }, labels)
    var linear = LinearEvaluation()
    (linear.iterations, linear.batch) = (50, 8)
    let grid = LinearGrid(embedDim: 1, depth: 2, batch: 256, rates: [1e30, 1e-12])
    let outcome = try linear.run(
      train: all, fitting: Array(0..<30), validation: Array(30..<40), test: all, grid: grid,
      classes: 2, kernels: kernels())
    #expect(outcome.classifiers[0].test.correct == 0)
    #expect(outcome.classifiers[outcome.best].test.value == 1)
  }

  @Test("one thread and three train the same classifiers to the bit")
  func threads() throws {
    let labels = (0..<60).map { $0 % 3 }
    let all = try part((0..<60).map { row in Array(numbers(180)[row * 3..<row * 3 + 3]) }, labels)
    var linear = LinearEvaluation()
    (linear.iterations, linear.batch) = (20, 16)
    let grid = LinearGrid(embedDim: 1, depth: 2, batch: 16)
    let outcomes = try [1, 3].map { threads in
      try linear.run(
        train: all, fitting: Array(0..<50), validation: Array(50..<60), test: all, grid: grid,
        classes: 3, kernels: kernels(threads: threads))
    }
    #expect(outcomes[0].weight == outcomes[1].weight)
    #expect(outcomes[0].classifiers == outcomes[1].classifiers)
  }
}
