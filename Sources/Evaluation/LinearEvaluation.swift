import Features
import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// The paper's linear evaluation: trains all classifiers of a grid together on frozen features, by
/// SGD with momentum 0.9 and cosine decay, and chooses the one with the highest validation
/// accuracy.
package struct LinearEvaluation: Sendable {
  package var iterations = 12_500
  /// Images in an iteration.
  package var batch = 128
  /// The seed of the initial weights and of the order of the images.
  package var seed = 0

  package init() {}

  /// A classifier of the grid and its accuracies.
  package struct Classifier: Sendable, Equatable {
    package let input: LinearGrid.Input
    package let rate: Double
    package let validation: Accuracy
    package let test: Accuracy
  }

  /// The results of all classifiers, and the parameters and predictions of the best one.
  package struct Outcome: Sendable {
    /// The classifiers, ordered by input first and by rate second.
    package let classifiers: [Classifier]
    /// The index of the classifier with the highest validation accuracy; the first if several have
    /// it.
    package let best: Int
    /// The classes that the best classifier predicts for the test images, its weight [classes,
    /// width] and its bias.
    package let predictions: [Int]
    package let weight: [Float]
    package let bias: [Float]
  }

  /// Features with the class of each row.
  package struct Part: Sendable {
    package let features: FeatureTable
    package let labels: [Int]

    package init(_ features: FeatureTable, labels: [Int]) {
      precondition(features.count == labels.count)
      self.features = features
      self.labels = labels
    }
  }

  /// Trains the classifiers, chooses one, and measures all of them. Throws if memory cannot be
  /// reserved.
  ///
  /// - Parameters:
  ///   - fitting, validation: the rows of `train` for training, and those for the choice.
  ///   - test: the images to measure accuracy with. They have no influence on the choice.
  ///   - progress: called with the number of iterations done.
  package func run(
    train: Part, fitting: [Int], validation: [Int], test: Part, grid: LinearGrid, classes: Int,
    kernels: any Kernels, progress: (_ done: Int) -> Void = { _ in }
  ) throws(MemoryError) -> Outcome {
    let count = min(batch, fitting.count)
    let plan = ArenaPlan(for: kernels.device)
    let sets = grid.inputs.map {
      LinearClassifiers(plan, $0, rates: grid.rates, classes: classes, batch: count)
    }
    let memory = StepMemory(plan, batch: count, rates: grid.rates.count, classes: classes)
    try kernels.reserve(plan)
    for (number, set) in sets.enumerated() {
      set.initialise(kernels, seed: seed, number: number)
    }
    kernels.fill(memory.weights, with: 1 / Float(count))
    var sampler = RowSampler(fitting, seed: seed)
    for iteration in 0..<iterations {
      let rows = sampler.next(count)
      memory.load(kernels, rows.map { train.labels[$0] })
      let share = 0.5 * (1 + cos(.pi * Double(iteration) / Double(iterations)))
      for set in sets {
        set.step(
          kernels, rows: rows, of: train.features, targets: memory.targets, weights: memory.weights,
          losses: memory.losses, share: share)
      }
      progress(iteration + 1)
    }
    return outcome(sets, grid, train, validation, test, kernels)
  }

  /// Returns the bytes that the classifiers of one input take in a backend's memory.
  package func mostBytes(width: Int, classes: Int, rates: Int) -> Int {
    // Weights and their velocities, and of a batch features, logits and targets.
    4 * (2 * rates * classes * (width + 1) + batch * (width + 2 * rates * (classes + 1)))
  }

  private func outcome(
    _ sets: [LinearClassifiers], _ grid: LinearGrid, _ train: Part, _ validation: [Int],
    _ test: Part, _ kernels: any Kernels
  ) -> Outcome {
    let chosenBy = train.features.only(validation)
    let truth = validation.map { train.labels[$0] }
    var classifiers: [Classifier] = []
    var predictions: [[Int]] = []
    for set in sets {
      let seen = set.predictions(kernels, of: test.features)
      for (number, guesses) in set.predictions(kernels, of: chosenBy).enumerated() {
        classifiers.append(
          Classifier(
            input: set.input, rate: grid.rates[number],
            validation: Accuracy(guesses, labels: truth),
            test: Accuracy(seen[number], labels: test.labels)))
      }
      predictions += seen
    }
    let best = classifiers.indices.reduce(0) {
      classifiers[$1].validation.correct > classifiers[$0].validation.correct ? $1 : $0
    }
    let values = sets[best / grid.rates.count].values(kernels, rate: best % grid.rates.count)
    return Outcome(
      classifiers: classifiers, best: best, predictions: predictions[best],
      weight: values.weight, bias: values.bias)
  }
}

/// The memory that the classifiers of all inputs share in a step.
private struct StepMemory {
  let targets: Matrix
  let weights: Buffer
  let losses: Buffer
  private let rates: Int

  init(_ plan: ArenaPlan, batch: Int, rates: Int, classes: Int) {
    self.rates = rates
    targets = plan.matrix(batch * rates, classes)
    weights = plan.buffer(batch * rates)
    losses = plan.buffer(batch * rates)
  }

  /// Writes the labels of a batch as one-hot rows, each repeated for each rate.
  func load(_ kernels: any Kernels, _ labels: [Int]) {
    let classes = targets.columns
    var values = [Float](repeating: 0, count: targets.buffer.count)
    for (row, label) in labels.enumerated() {
      for rate in 0..<rates { values[(row * rates + rate) * classes + label] = 1 }
    }
    kernels.upload(values, to: targets.buffer)
  }
}

/// Draws rows in a new order in each pass. A batch may continue into the next pass.
private struct RowSampler {
  private let rows: [Int]
  private let seed: Int
  private var order: [Int] = []
  private var position = 0
  private var pass = 0

  init(_ rows: [Int], seed: Int) {
    self.rows = rows
    self.seed = seed
  }

  mutating func next(_ count: Int) -> [Int] {
    (0..<count).map { _ in
      if position == order.count {
        var random = CounterRandom(
          seed: UInt64(truncatingIfNeeded: seed), use: .shuffle, 1 << 40, pass)
        order = random.permutation(rows.count)
        pass += 1
        position = 0
      }
      position += 1
      return rows[order[position - 1]]
    }
  }
}
