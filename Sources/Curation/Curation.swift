import Store
import Support

/// Carries out a plan: each stage that is not done, or whose inputs have changed, in order.
package struct Curation {
  private let context: CurationContext

  package init(_ context: CurationContext) { self.context = context }

  /// Does what is not done up to a stage. Throws `CurationStopped` if it was asked to end; it goes on
  /// from there the next time.
  package func run(until last: StageName = .apply) throws {
    var before = ""
    for name in last.before + [last] {
      before = try run(name, after: before)
    }
  }

  /// Carries a stage out if it has to be. Returns the fingerprint of all results up to it.
  private func run(_ name: StageName, after before: String) throws -> String {
    let (stage, catalogue) = (name.stage, context.catalogue)
    let isWanted = stage.isWanted(context.plan)
    let inputs = Checksum.text(
      of: [
        before, context.plan.text(of: name.rawValue), isWanted ? "wanted" : "",
        isWanted ? try stage.extraInputs(context) : "",
      ].joined(separator: "\n"))
    let known = try catalogue.stage(name)
    // Whether a stage that looks at each image by itself has all of them, only looking tells.
    if let output = known?.output, known?.inputs == inputs, !stage.isIncremental {
      return Checksum.text(of: before + output)
    }
    try context.check()
    let began = Clock.monotonic()
    if !stage.isIncremental { try begin(name, inputs) }
    let line = isWanted ? try stage.run(context) : ""
    let output = isWanted ? try stage.output(context) : ""
    try catalogue.record(
      name,
      Catalogue.StageRecord(
        inputs: inputs, keys: context.plan.text(of: name.rawValue), output: output,
        seconds: Clock.monotonic() - began))
    if isWanted { context.observer.ended(name, line) }
    return Checksum.text(of: before + output)
  }

  /// Forgets the result of a stage.
  private func begin(_ name: StageName, _ inputs: String) throws {
    try context.catalogue.transaction { () throws(CatalogueError) in
      try context.catalogue.clear(name)
      try context.catalogue.record(
        name, Catalogue.StageRecord(inputs: inputs, keys: "", output: nil, seconds: 0))
    }
  }
}
