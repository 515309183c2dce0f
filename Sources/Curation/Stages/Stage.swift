import Store
import Support

/// One step of a curation. Its result depends on its group of the plan and on the results of the
/// stages before it, and on nothing else.
protocol Stage {
  static var name: StageName { get }
  /// Whether the plan asks for it. One that it does not ask for drops nothing.
  static func isWanted(_ plan: CurationPlan) -> Bool
  /// Carries it out. What it wrote before it was interrupted may be there; it goes on from there or
  /// writes the same again. Returns a line about what it did.
  static func run(_ context: CurationContext) throws -> String
  /// Returns a fingerprint of the result.
  static func output(_ context: CurationContext) throws -> String
  /// What it depends on beside the plan and the stages before, such as files that the plan names.
  static func extraInputs(_ context: CurationContext) throws -> String
  /// Whether it looks at each image by itself, so that it can go on after its inputs changed.
  static var isIncremental: Bool { get }
}

extension Stage {
  static func isWanted(_ plan: CurationPlan) -> Bool { true }
  static func extraInputs(_ context: CurationContext) throws -> String { "" }
  static var isIncremental: Bool { false }

  /// The images that are left after it.
  static func output(_ context: CurationContext) throws -> String {
    let verdicts = try context.catalogue.verdicts(of: name).map { "\($0.image)" }
    return Checksum.text(of: verdicts.joined(separator: ","))
  }
}
