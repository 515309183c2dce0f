import Engine
import Model
import Recipe
import Run
import Store
import Support
import Weights

extension Engine {
  /// Sets the first parameters of a new run: random values from the recipe's seed, replaced by the
  /// pretrained weights that the recipe names, if any. The EMA of each student begins as a copy of
  /// it. Returns notes for the run's log.
  ///
  /// - Parameter runs: the folder in which the name of a run is looked up.
  func begin(
    _ recipe: Recipe, runs: String
  ) throws(FileError) -> [Finding] {
    initialise(seed: recipe.train.seed)
    let weights = recipe.student.pretrainedWeights
    guard !weights.isEmpty else { return [] }
    let input = try WeightsInput.open(weights, runs: runs)
    let start = try input.start(
      shape.network, fresh: layout.initialValues(seed: recipe.train.seed))
    set(.student, to: start.values)
    set(.average, to: start.values)
    return start.notes(path: input.path, shape.network.backbone)
      .map { ($0.isWarning ? .warning : .info, "weights", $0.text) }
  }
}

extension PretrainedStart {
  /// Returns one note per line of the log.
  fileprivate func notes(path: String, _ shape: BackboneShape) -> [(isWarning: Bool, text: String)]
  {
    let heads = heads.isEmpty ? "without heads" : "with \(heads.joined(separator: " and "))"
    var notes = [(isWarning: false, text: "begins with the weights of \(path), \(heads)")]
    if let resizedFrom {
      notes.append(
        (
          false,
          "positions resized from \(resizedFrom) x \(resizedFrom) to \(shape.grid) x \(shape.grid)"
        ))
    }
    if let adaptedFrom {
      let how = shape.channels == 1 ? "their kernels are summed" : "their kernels are repeated"
      notes.append(
        (false, "patch embedding adapted from \(adaptedFrom) channels to \(shape.channels): \(how)")
      )
    }
    notes += unfitHeads.map { (true, $0) }
    notes += Self.lines("missing, starts at random: ", missing).map { (true, $0) }
    notes += Self.lines("left over: ", leftOver).map { (false, $0) }
    return notes
  }

  /// Returns lines that list all names, eight on each.
  private static func lines(_ label: String, _ names: [String]) -> [String] {
    stride(from: 0, to: names.count, by: 8).map {
      label + names[$0..<min($0 + 8, names.count)].joined(separator: ", ")
    }
  }
}
