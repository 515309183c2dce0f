import Neighbours
import Support

/// How many images the stage of copies would keep at other thresholds.
package struct ThresholdTable {
  /// A threshold and what it would keep.
  package struct Row: Sendable, Equatable {
    package let key: String
    package let value: Double
    package let kept: Int
    /// Whether it is the plan's.
    package let isChosen: Bool
  }

  package let rows: [Row]

  /// The distance between two thresholds.
  private static let step = 0.05
  private static let steps = -2...2

  /// Reads the pairs of a stage.
  package init(_ stage: StageName, _ context: CurationContext) throws {
    let keys = context.plan.duplicates
    let pairs = try context.catalogue.pairs(of: stage)
    let before = stage.before.last
    let count = try context.catalogue.count(keptAfter: before)
    let ids = Set(pairs.flatMap { [$0.a, $0.b] }).sorted()
    let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    func kept(_ keys: CurationPlan.Duplicates) -> Int {
      var sets = DisjointSet(count: ids.count)
      var joined = 0
      for pair in pairs where pair.isLink(keys) {
        let (a, b) = (places[pair.a]!, places[pair.b]!)
        if sets.root(a) != sets.root(b) { joined += 1 }
        sets.join(a, b)
      }
      return count - joined
    }
    let rules = Set(pairs.map(\.rule))
    var rows: [Row] = []
    for likeness in Likeness.allCases where rules.contains(likeness.rawValue) {
      guard let threshold = likeness.threshold else { continue }
      for step in Self.steps {
        var changed = keys
        changed[keyPath: threshold.field] += Double(step) * Self.step
        rows.append(
          Row(
            key: threshold.key, value: changed[keyPath: threshold.field], kept: kept(changed),
            isChosen: step == 0))
      }
    }
    self.rows = rows
  }

  /// The rows in words.
  var lines: [String] {
    rows.map {
      "\($0.key) \(Format.decimals($0.value, 2)) keeps \(Format.count($0.kept))"
        + ($0.isChosen ? " (chosen)" : "")
    }
  }
}
