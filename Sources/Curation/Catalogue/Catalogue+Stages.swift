import SQL

extension Catalogue {
  /// The state of a stage.
  package struct StageRecord: Sendable, Equatable {
    /// What the result depends on: the stage's keys and the results of the stages before.
    package let inputs: String
    /// The stage's keys as they were.
    package let keys: String
    /// A fingerprint of the result; `nil` until the stage is done.
    package let output: String?
    /// The time that it took, in seconds.
    package let seconds: Double
  }

  /// Returns the state of a stage; `nil` if it never began.
  package func stage(_ name: StageName) throws(CatalogueError) -> StageRecord? {
    let find = try database.prepare(
      "SELECT inputs, keys, output, seconds FROM stages WHERE name = ?")
    find.bind(name.rawValue, at: 0)
    guard try find.step() else { return nil }
    return StageRecord(
      inputs: find.text(0), keys: find.text(1), output: find.optional(2, find.text),
      seconds: find.double(3))
  }

  /// Records a stage: with an output, that it is done; without, that it begins.
  func record(_ name: StageName, _ record: StageRecord) throws(CatalogueError) {
    let put = try database.prepare(
      "REPLACE INTO stages(name, inputs, keys, output, seconds) VALUES(?, ?, ?, ?, ?)")
    put.bind(name.rawValue, at: 0)
    put.bind(record.inputs, at: 1)
    put.bind(record.keys, at: 2)
    put.bind(record.output, at: 3)
    put.bind(record.seconds, at: 4)
    try put.run()
  }

  /// Forgets what a stage decided. What later stages decided stays: if the new result is the old one,
  /// it still holds, and otherwise they are carried out again.
  func clear(_ name: StageName) throws(CatalogueError) {
    for table in ["verdicts", "pairs"] {
      try database.run("DELETE FROM \(table) WHERE stage = '\(name.rawValue)'")
    }
    if name == .retrieve { try database.run("DELETE FROM origins") }
  }
}
