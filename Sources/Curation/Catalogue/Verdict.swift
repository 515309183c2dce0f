import SQL

/// Why an image was dropped.
package struct Verdict: Sendable, Equatable {
  package let image: Int
  package let stage: StageName
  /// The rule, such as `min_side` or `copy of`.
  package let rule: String
  /// What was measured; `nil` if the rule measures nothing.
  package let score: Double?
  /// The image because of which it went; `nil` if it went on its own.
  package let other: Int?
}

extension Catalogue {
  /// Adds verdicts. A verdict of a later stage, which no longer sees the image, is replaced.
  func add(_ verdicts: [Verdict]) throws(CatalogueError) {
    let put = try database.prepare("REPLACE INTO verdicts VALUES(?, ?, ?, ?, ?)")
    for verdict in verdicts {
      put.bind(verdict.image, at: 0)
      put.bind(verdict.stage.rawValue, at: 1)
      put.bind(verdict.rule, at: 2)
      put.bind(verdict.score, at: 3)
      put.bind(verdict.other, at: 4)
      try put.run()
    }
  }

  /// Returns the verdict on an image; `nil` if it is kept.
  package func verdict(on image: Int) throws(CatalogueError) -> Verdict? {
    try verdicts("image = \(image)").first
  }

  /// Returns the verdicts of a stage, by image.
  package func verdicts(of stage: StageName) throws(CatalogueError) -> [Verdict] {
    try verdicts("stage = '\(stage.rawValue)'")
  }

  private func verdicts(_ condition: String) throws(CatalogueError) -> [Verdict] {
    let find = try database.prepare(
      "SELECT image, stage, rule, score, other FROM verdicts WHERE \(condition) ORDER BY image")
    var verdicts: [Verdict] = []
    while try find.step() {
      guard let stage = StageName(rawValue: find.text(1)) else { continue }
      verdicts.append(
        Verdict(
          image: find.integer(0), stage: stage, rule: find.text(2),
          score: find.optional(3, find.double), other: find.optional(4, find.integer)))
    }
    return verdicts
  }

  /// Returns how many images each rule of each stage dropped.
  package func dropped() throws(CatalogueError) -> [(
    stage: StageName, rule: String, count: Int
  )] {
    let find = try database.prepare(
      "SELECT stage, rule, count(*) FROM verdicts GROUP BY stage, rule ORDER BY 3 DESC, 2")
    var rows: [(stage: StageName, rule: String, count: Int)] = []
    while try find.step() {
      guard let stage = StageName(rawValue: find.text(0)) else { continue }
      rows.append((stage, find.text(1), find.integer(2)))
    }
    return rows
  }
}
