import Support

/// What other values of a plan's keys would do, before they are written into the plan.
extension Sheet.Look {
  /// The distance between two thresholds of copies, and how many are below and above the plan's.
  private static let (step, steps) = (0.05, -3...4)
  /// Rows of components beside each option.
  private static let components = 4

  /// Thresholds of copies: the components that each would make, and the pairs that it links and the next
  /// higher one does not.
  func duplicateOptions() throws -> [Sheet.Section] {
    let keys = context.plan.duplicates
    let pairs = try catalogue.pairs(of: .duplicates)
    let linked = Set(pairs.flatMap { [$0.a, $0.b] })
    let all = try catalogue.images(keptAfter: StageName.duplicates.before.last)
    let images = all.filter { linked.contains($0.id) }
    let rules = Set(pairs.map(\.rule))
    return try Likeness.allCases.compactMap { likeness in
      guard rules.contains(likeness.rawValue), let threshold = likeness.threshold else {
        return nil
      }
      let options = try Self.steps.compactMap { number -> Sheet.Option? in
        var changed = keys
        changed[keyPath: threshold.field] += Double(number) * Self.step
        let value = changed[keyPath: threshold.field]
        guard number <= 0 || value < 1 else { return nil }
        let verdicts = CopyGroups(images, pairs.filter { $0.isLink(changed) }).verdicts(keys.link)
        let borderline = pairs.filter {
          $0.rule == likeness.rawValue && (value..<value + Self.step).contains($0.score)
        }
        return Sheet.Option(
          value: Format.decimals(value, 2), kept: all.count - verdicts.count,
          isChosen: number == 0,
          rows: try row(borderline, number)
            + components(verdicts, most: Self.components, cells: Sheet.inRow - 1).rows)
      }
      return Sheet.Section(title: "duplicates.\(threshold.key)", options: options)
    }
  }

  private func row(_ pairs: [LikePair], _ number: Int) throws -> [Sheet.Row] {
    let cells = try draw(pairs, Sheet.inRow / 2, 100 + number).flatMap { pair -> [Sheet.Cell] in
      guard let a = try catalogue.image(pair.a), let b = try catalogue.image(pair.b) else {
        return []
      }
      return [
        Sheet.Cell(image: a, caption: Format.decimals(pair.score, 3)),
        Sheet.Cell(image: b, caption: ""),
      ]
    }
    guard !cells.isEmpty else { return [] }
    return [
      Sheet.Row(title: "\(Format.count(pairs.count, "pair")) just above", cells: cells)
    ]
  }

  /// The shares of all images that other limits would drop, about.
  private static let shares = [0.001, 0.003, 0.01, 0.03, 0.1]

  /// Limits of the rules: what is on either side of each.
  func filterOptions() throws -> [Sheet.Section] {
    let images = try catalogue.images(keptAfter: nil).filter { $0.problem == nil }
    guard !images.isEmpty else { return [] }
    let keys = context.plan.filter
    return FilterStage.rules.map { rule in
      let measured = images.map { (image: $0, value: rule.measure($0)) }
        .sorted { ($0.value, $0.image.id) < ($1.value, $1.image.id) }
      let chosen = rule.limit(keys)
      let others = Self.shares.map { share in
        let place = Int(Double(images.count - 1) * (rule.isLeast ? share : 1 - share))
        return (measured[place].value * 100).rounded() / 100
      }
      let options = Set(others + [chosen]).sorted().map { limit in
        var changed = keys
        rule.setLimit(&changed, limit)
        let kept = images.count { FilterStage.violation($0, changed) == nil }
        let below = measured.partitioningIndex { rule.isLeast ? $0 >= limit : $0 > limit }
        return Sheet.Option(
          value: Self.text(limit), kept: kept, isChosen: limit == chosen,
          rows: [
            Self.row("just below", measured[..<below].suffix(Sheet.inRow)),
            Self.row("just above", measured[below...].prefix(Sheet.inRow)),
          ].filter { !$0.cells.isEmpty })
      }
      return Sheet.Section(title: "filter.\(rule.key)", options: options)
    }
  }

  /// Two decimals, unless the value is whole.
  private static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : Format.decimals(value, 2)
  }

  private static func row(
    _ title: String, _ images: ArraySlice<(image: CatalogueImage, value: Double)>
  ) -> Sheet.Row {
    Sheet.Row(
      title: title,
      cells: images.map { Sheet.Cell(image: $0.image, caption: text($0.value)) })
  }

  /// The factors of the plan's numbers whose effect is shown.
  private static let factors = [0.25, 0.5, 1, 2, 4]

  /// Numbers of images that each example or cluster brings in: the last of each, which are the least alike.
  func retrieveOptions() throws -> [Sheet.Section] {
    let keys = context.plan.retrieve
    let candidates = try catalogue.candidates()
    let examples = try catalogue.images(.example)
    let ways: [(RetrievalOrigin.Way, String, WritableKeyPath<CurationPlan.Retrieve, Int>)] = [
      (.nearest, "neighbours", \.neighbours), (.cluster, "per_cluster", \.perCluster),
    ]
    return try ways.compactMap { way, key, field in
      let most = candidates.filter { $0.way == way }.map(\.rank).max()
      guard let most else { return nil }
      let chosen = keys[keyPath: field]
      let numbers = Set(Self.factors.map { max(1, Int((Double(chosen) * $0).rounded())) })
      let options = try numbers.sorted().filter { $0 <= chosen || $0 <= most + 1 }.map { number in
        var changed = keys
        changed[keyPath: field] = number
        let origins = candidates.chosen(by: changed, examples)
        return Sheet.Option(
          value: "\(number)", kept: Set(origins.map(\.image)).count, isChosen: number == chosen,
          rows: try rows(origins.filter { $0.way == way }))
      }
      return Sheet.Section(title: "retrieve.\(key)", options: options)
    }
  }

  /// Some examples, and the last images that each brings in.
  private func rows(_ origins: [RetrievalOrigin]) throws -> [Sheet.Row] {
    let found = Dictionary(grouping: origins, by: \.example)
    return try draw(found.keys.sorted(), Self.components, 10).compactMap { example in
      guard let image = try catalogue.image(example) else { return nil }
      let last = found[example]!.sorted { $0.rank < $1.rank }.suffix(Sheet.inRow - 1)
      let cells = try last.compactMap { origin in
        try catalogue.image(origin.image).map {
          Sheet.Cell(
            image: $0,
            caption: "no. \(origin.rank + 1), \(Format.decimals(origin.score, 3))")
        }
      }
      return Sheet.Row(
        cells: [Sheet.Cell(image: image, caption: "example", isKept: true)] + cells)
    }
  }
}

extension [(image: CatalogueImage, value: Double)] {
  /// The place of the first element whose value, and so all later ones', meets a condition.
  fileprivate func partitioningIndex(_ meets: (Double) -> Bool) -> Int {
    firstIndex { meets($0.value) } ?? endIndex
  }
}
