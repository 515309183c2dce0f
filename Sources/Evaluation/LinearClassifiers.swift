import Features
import Kernels
import Tensor

/// The linear classifiers of one input, one for each learning rate. Their weights lie side by side
/// in one matrix, so that a step takes one matrix product for all of them.
struct LinearClassifiers {
  let input: LinearGrid.Input
  private let rates: [Double]
  private let classes: Int
  /// [rates · classes, width] and [rates · classes], and the velocities of both.
  private let weight: Matrix
  private let bias: Buffer
  private let weightVelocity: Matrix
  private let biasVelocity: Buffer
  /// A batch: [rows, width] and [rows, rates · classes].
  private let x: Matrix
  private let logits: Matrix

  init(_ plan: ArenaPlan, _ input: LinearGrid.Input, rates: [Double], classes: Int, batch: Int) {
    self.input = input
    self.rates = rates
    self.classes = classes
    let (outputs, width) = (rates.count * classes, input.columns.count)
    weight = plan.matrix(outputs, width)
    bias = plan.buffer(outputs)
    weightVelocity = plan.matrix(outputs, width)
    biasVelocity = plan.buffer(outputs)
    x = plan.matrix(batch, width)
    logits = plan.matrix(batch, outputs)
  }

  /// Draws the weights from a normal distribution with standard deviation 0.01 and sets biases to
  /// zero, as the official code does. `number` distinguishes the inputs.
  func initialise(_ kernels: any Kernels, seed: Int, number: Int) {
    var random = CounterRandom(
      seed: UInt64(truncatingIfNeeded: seed), use: .initialise, 1 << 40, number)
    kernels.upload(
      (0..<weight.buffer.count).map { _ in 0.01 * random.normal() }, to: weight.buffer)
    for buffer in [bias, weightVelocity.buffer, biasVelocity] { kernels.fill(buffer, with: 0) }
  }

  /// Takes one step of SGD with momentum 0.9 for every classifier.
  ///
  /// - Parameters:
  ///   - rows: the rows of the table that form the batch.
  ///   - targets: one-hot, [rows · rates, classes]; each row of the batch is repeated for each
  ///     rate.
  ///   - share: the factor of cosine decay for all rates.
  func step(
    _ kernels: any Kernels, rows: [Int], of table: FeatureTable, targets: Matrix, weights: Buffer,
    losses: Buffer, share: Double
  ) {
    forward(kernels, rows, of: table)
    let scores = logits.first(rows.count)
    kernels.crossEntropy(
      scores.buffer.matrix(rows.count * rates.count, classes), targets: targets,
      weights: weights, temperature: 1, losses: losses)
    for velocity in [weightVelocity.buffer, biasVelocity] {
      kernels.add(velocity, scale: -0.1, to: velocity)
    }
    kernels.linearBackward(
      scores, x: x.first(rows.count), weight: weight, dx: nil, dWeight: weightVelocity,
      dBias: biasVelocity)
    for (number, rate) in rates.enumerated() {
      let part = number * classes..<(number + 1) * classes
      let scale = Float(-rate * share)
      kernels.add(weightVelocity.rows(part).buffer, scale: scale, to: weight.rows(part).buffer)
      kernels.add(biasVelocity[part], scale: scale, to: bias[part])
    }
  }

  /// Returns the class that each classifier predicts for each row of a table, [rates][rows]; −1 if
  /// the logits are not finite.
  func predictions(_ kernels: any Kernels, of table: FeatureTable) -> [[Int]] {
    var result = Array(
      repeating: [Int](repeating: -1, count: table.count), count: rates.count)
    for start in stride(from: 0, to: table.count, by: x.rows) {
      let rows = Array(start..<min(table.count, start + x.rows))
      forward(kernels, rows, of: table)
      let scores = kernels.download(logits.first(rows.count).buffer)
      for (index, row) in rows.enumerated() {
        for rate in rates.indices {
          let first = (index * rates.count + rate) * classes
          result[rate][row] = largest(scores[first..<first + classes]) ?? -1
        }
      }
    }
    return result
  }

  /// Returns the weight [classes, width] and the bias [classes] of the classifier of a rate.
  func values(_ kernels: any Kernels, rate: Int) -> (weight: [Float], bias: [Float]) {
    let part = rate * classes..<(rate + 1) * classes
    return (kernels.download(weight.rows(part).buffer), kernels.download(bias[part]))
  }

  private func forward(_ kernels: any Kernels, _ rows: [Int], of table: FeatureTable) {
    let columns = input.columns
    table.values.withUnsafeBufferPointer { values in
      for (index, row) in rows.enumerated() {
        let first = row * table.width + columns.lowerBound
        kernels.upload(
          UnsafeBufferPointer(rebasing: values[first..<first + columns.count]),
          to: x.rows(index..<index + 1).buffer)
      }
    }
    kernels.linear(x.first(rows.count), weight: weight, bias: bias, into: logits.first(rows.count))
  }

  private func largest(_ scores: ArraySlice<Float>) -> Int? {
    guard scores.allSatisfy(\.isFinite) else { return nil }
    var best = scores.startIndex
    for index in scores.indices where scores[index] > scores[best] { best = index }
    return best - scores.startIndex
  }
}
