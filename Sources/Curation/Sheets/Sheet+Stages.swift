import Support
import Tensor

extension Sheet {
  /// What a sheet can show.
  package enum Subject: String, CaseIterable, Sendable {
    /// What rules dropped.
    case filter
    /// What is like examples of the unwanted.
    case probe
    /// Components of copies, and pairs on either side of the thresholds.
    case duplicates
    /// What is like an evaluation set.
    case decontaminate
    /// What examples brought in.
    case retrieve
    /// Images that are left, drawn at random.
    case sample
  }

  /// Pictures in a row.
  static let inRow = 8
  /// Rows of a section.
  static let rows = 16

  /// Returns a sheet about a stage of a pool.
  ///
  /// - Parameter stage: for `sample`, the last stage whose verdicts count.
  package init(
    _ subject: Subject, _ context: CurationContext, after stage: StageName = .balance
  ) throws {
    let found = Look(context: context)
    title = "\(context.pool.name): \(subject.rawValue)"
    sections =
      switch subject {
      case .filter: try found.dropped(by: .filter) + found.filterOptions()
      case .probe: try found.dropped(by: .probe)
      case .duplicates:
        try found.duplicateOptions() + found.components() + found.sides(.duplicates)
      case .decontaminate: try found.pairs(.decontaminate) + found.sides(.decontaminate)
      case .retrieve: try found.retrieveOptions() + found.retrieved()
      case .sample: try found.sample(after: stage)
      }
  }

  /// Reads what sheets show.
  struct Look {
    let context: CurationContext

    var catalogue: Catalogue { context.catalogue }

    /// Numbers for drawing what is shown; the same plan shows the same pictures.
    private func random(_ what: Int) -> CounterRandom {
      CounterRandom(seed: UInt64(context.plan.pool.seed), use: .sheet, what)
    }

    func draw<Item>(_ items: [Item], _ most: Int, _ what: Int) -> [Item] {
      guard items.count > most else { return items }
      var random = random(what)
      return random.permutation(items.count).prefix(most).sorted().map { items[$0] }
    }

    /// A section for each rule of a stage, with some of what it dropped, by what was measured.
    func dropped(by stage: StageName) throws -> [Section] {
      let verdicts = try Dictionary(grouping: catalogue.verdicts(of: stage), by: \.rule)
      return try verdicts.sorted { $0.key < $1.key }.enumerated().map { number, rule in
        let some = draw(rule.value, 3 * Sheet.inRow, number).sorted {
          ($0.score ?? 0, $0.image) < ($1.score ?? 0, $1.image)
        }
        let images = try some.compactMap { verdict in
          try catalogue.image(verdict.image).map { (image: $0, score: verdict.score) }
        }
        let cells = images.filter { $0.image.problem == nil }.map {
          Cell(image: $0.image, caption: $0.score.map { Format.decimals($0, 2) } ?? "")
        }
        return Section(
          title: "\(stage.rawValue).\(rule.key): \(Format.count(rule.value.count)) dropped",
          // What cannot be shown is named.
          note: images.compactMap(\.image.problem).map { PrintableText.line($0, limit: 200) }
            .joined(separator: "; "),
          rows: Sheet.split(cells))
      }
    }

    /// Components of copies, the largest first.
    func components() throws -> [Section] {
      let verdicts = try catalogue.verdicts(of: .duplicates)
      let (rows, count) = try components(verdicts, most: Sheet.rows, cells: 2 * Sheet.inRow)
      return [
        Section(
          title: "components: \(Format.count(count))"
            + (count > rows.count ? ", the \(rows.count) largest" : ", the largest first"),
          rows: rows)
      ]
    }

    /// Returns the largest components of some verdicts, and how many there are.
    func components(
      _ verdicts: [Verdict], most: Int, cells: Int
    ) throws -> (rows: [Row], count: Int) {
      let components = Dictionary(grouping: verdicts) { $0.other ?? 0 }
        .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
      let rows = try components.prefix(most).compactMap { kept, dropped -> Row? in
        guard let image = try catalogue.image(kept) else { return nil }
        let others = try dropped.sorted { ($1.score ?? 0) < ($0.score ?? 0) }.prefix(cells)
          .compactMap { verdict in
            try catalogue.image(verdict.image).map {
              Cell(image: $0, caption: caption(verdict.rule, verdict.score))
            }
          }
        return Row(
          title: Format.count(dropped.count + 1, "image"),
          cells: [Cell(image: image, caption: "kept", isKept: true)] + others)
      }
      return (rows, components.count)
    }

    /// Some of the images that go because of another, beside it.
    func pairs(_ stage: StageName) throws -> [Section] {
      let verdicts = try catalogue.verdicts(of: stage)
      let some = draw(verdicts, Sheet.rows * Sheet.inRow / 2, 7)
      let cells = try some.flatMap { verdict -> [Cell] in
        guard let image = try catalogue.image(verdict.image),
          let other = try verdict.other.flatMap({ try catalogue.image($0) })
        else { return [] }
        return [
          Cell(image: image, caption: caption(verdict.rule, verdict.score)),
          Cell(image: other, caption: "because of", isKept: true),
        ]
      }
      return [
        Section(
          title: "\(stage.rawValue): \(Format.count(verdicts.count)) dropped",
          rows: Sheet.split(cells))
      ]
    }

    /// Pairs on either side of the thresholds, some of each step of 0.05.
    func sides(_ stage: StageName) throws -> [Section] {
      let pairs = try catalogue.pairs(of: stage).filter { $0.rule != "bytes" }
      let groups = Dictionary(grouping: pairs) { PairStep(rule: $0.rule, of: $0.score) }
      let rows = try groups.sorted { $0.key < $1.key }.map { step, pairs in
        let cells = try draw(pairs, Sheet.inRow / 2, step.number).flatMap { pair -> [Cell] in
          guard let a = try catalogue.image(pair.a), let b = try catalogue.image(pair.b) else {
            return []
          }
          return [
            Cell(image: a, caption: Format.decimals(pair.score, 3)), Cell(image: b, caption: ""),
          ]
        }
        let from = Double(step.number) * PairStep.width
        return Row(
          title: "\(step.rule) from \(Format.decimals(from, 2)) to "
            + "\(Format.decimals(min(from + PairStep.width, 1), 2)): \(Format.count(pairs.count, "pair"))",
          cells: cells)
      }
      return [Section(title: "pairs by their likeness", rows: rows)]
    }

    /// What examples brought in, those of each in a row.
    func retrieved() throws -> [Section] {
      let origins = try Dictionary(grouping: catalogue.origins(), by: \.example)
      let some = draw(origins.keys.sorted(), Sheet.rows, 8)
      let rows = try some.compactMap { example -> Row? in
        guard let image = try catalogue.image(example) else { return nil }
        let cells = try origins[example]!.prefix(Sheet.inRow).compactMap { origin in
          try catalogue.image(origin.image).map {
            Cell(image: $0, caption: Format.decimals(origin.score, 3))
          }
        }
        return Row(cells: [Cell(image: image, caption: "example", isKept: true)] + cells)
      }
      return [
        Section(
          title: "\(Format.count(origins.count, "example")), and what they brought in", rows: rows)
      ]
    }

    /// Images that are left after a stage, drawn at random.
    func sample(after stage: StageName) throws -> [Section] {
      let images = try catalogue.images(keptAfter: stage)
      let cells = draw(images, Sheet.rows * Sheet.inRow, 9).map {
        Cell(image: $0, caption: "\($0.width) x \($0.height)")
      }
      return [
        Section(
          title: "some of \(Format.count(images.count, "image")) after \(stage.rawValue)",
          rows: Sheet.split(cells))
      ]
    }

    func caption(_ rule: String, _ score: Double?) -> String {
      score.map { "\(rule) \(Format.decimals($0, 3))" } ?? rule
    }
  }

  private static func split(_ cells: [Cell]) -> [Row] {
    stride(from: 0, to: cells.count, by: inRow).map {
      Row(cells: Array(cells[$0..<min($0 + inRow, cells.count)]))
    }
  }
}

/// A step of 0.05 of the likeness by a rule.
private struct PairStep: Hashable, Comparable {
  static let width = 0.05

  let rule: String
  let number: Int

  init(rule: String, of score: Double) {
    self.rule = rule
    // A score of 1 belongs to the last step.
    number = Int((min(score, 1 - Self.width / 2) / Self.width).rounded(.down))
  }

  static func < (a: Self, b: Self) -> Bool { (a.rule, a.number) < (b.rule, b.number) }
}
