import Evaluation
import Features
import Kernels
import Run

extension EvalCommand {
  /// Evaluates by k-NN with every k. The result that counts is that of k = 20, DINO's choice, if
  /// it is among them, otherwise the first.
  func evaluateKNN(
    _ train: LabelledFeatures, _ test: LabelledFeatures
  ) throws -> ProtocolResult {
    let predictions = try withMemory {
      try judge.predictions(
        bank: train.table.cls, labels: train.images.labels, queries: test.table.cls,
        classes: train.images.classes.count, kernels: makeKernels())
    }
    let results = zip(judge.ks, predictions).map { k, guesses in
      var result = ProtocolResult.Result(Accuracy(guesses, labels: test.images.labels))
      result.k = k
      return result
    }
    let chosen = judge.ks.firstIndex(of: 20) ?? 0
    return ProtocolResult(results: results, chosen: chosen, predictions: predictions[chosen])
  }

  /// Evaluates by the linear grid. About a tenth of the training images chooses the best
  /// classifier.
  func evaluateLinear(
    _ train: LabelledFeatures, _ test: LabelledFeatures
  ) throws -> ProtocolResult {
    let classes = train.images.classes.count
    let (fitting, validation) = train.images.indicesHoldingOut(for: .validation)
    guard !validation.isEmpty else {
      throw RunError.file("linear evaluation needs a class with two images, one for validation")
    }
    let grid = LinearGrid(
      embedDim: weights.shape.embedDim, depth: weights.shape.depth,
      batch: min(linear.batch, fitting.count))
    let progress = ProgressLine("iterations", total: linear.iterations)
    let outcome = try withMemory {
      try linear.run(
        train: .init(train.table, labels: train.images.labels), fitting: fitting,
        validation: validation, test: .init(test.table, labels: test.images.labels), grid: grid,
        classes: classes, kernels: makeKernels(), progress: progress.update)
    }
    progress.end()
    let results = outcome.classifiers.map { classifier in
      var result = ProtocolResult.Result(classifier.test)
      result.layers = classifier.input.layers
      result.pooled = classifier.input.pooled
      result.rate = classifier.rate
      result.validation = classifier.validation.value
      return result
    }
    return ProtocolResult(
      results: results, chosen: outcome.best, predictions: outcome.predictions,
      validationImages: validation.count,
      classifier: (
        outcome.weight, outcome.bias, outcome.classifiers[outcome.best].input.columns
      ))
  }

  /// Rethrows a lack of memory with a message that fits evaluation.
  private func withMemory<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as MemoryError {
      throw RunError.machine(
        "cannot reserve \(error.bytes >> 20) MiB for features and classifiers; "
          + "evaluate with fewer images")
    }
  }
}
