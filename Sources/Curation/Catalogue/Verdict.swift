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

/// Two images that are alike by a rule.
package struct LikePair: Sendable, Equatable {
  package let rule: String
  /// The images, the smaller number first.
  package let a: Int
  package let b: Int
  package let score: Double

  /// A pair of images in any order.
  package init(_ likeness: Likeness, _ one: Int, _ other: Int, score: Double) {
    self.init(rule: likeness.rawValue, one, other, score: score)
  }

  init(rule: String, _ one: Int, _ other: Int, score: Double) {
    self.rule = rule
    (a, b) = (min(one, other), max(one, other))
    self.score = score
  }
}

extension Catalogue {
  /// Adds pairs of a stage.
  func add(_ pairs: [LikePair], of stage: StageName) throws(CatalogueError) {
    let put = try database.prepare("REPLACE INTO pairs VALUES(?, ?, ?, ?, ?)")
    for pair in pairs {
      put.bind(stage.rawValue, at: 0)
      put.bind(pair.rule, at: 1)
      put.bind(pair.a, at: 2)
      put.bind(pair.b, at: 3)
      put.bind(pair.score, at: 4)
      try put.run()
    }
  }

  /// Returns the pairs of a stage, the least alike first.
  package func pairs(of stage: StageName) throws(CatalogueError) -> [LikePair] {
    let find = try database.prepare(
      "SELECT rule, a, b, score FROM pairs WHERE stage = ? ORDER BY score, a, b")
    find.bind(stage.rawValue, at: 0)
    var pairs: [LikePair] = []
    while try find.step() {
      pairs.append(
        LikePair(rule: find.text(0), find.integer(1), find.integer(2), score: find.double(3)))
    }
    return pairs
  }
}
