import Recipe
import Settings
import Support

extension CurationPlan {
  /// The size limit of a plan's file, in bytes.
  private static let limit = 1 << 20

  /// Reads a plan from a file, and applies `key=value` overrides in order.
  ///
  /// Paths in the file are relative to its folder, and those in overrides to the current folder. A
  /// pool without a name gets that of the file.
  package static func read(
    file: String, overrides: [String] = []
  ) throws(SettingError) -> CurationPlan {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try WholeFile.read(file, limit: limit)
    } catch {
      throw SettingError(place: .file(file, line: nil), key: nil, message: error.what)
    }
    var plan = try parse(bytes, name: file, overrides: overrides)
    plan.file = FilePath.absolute(file)
    plan.makePathsAbsolute(file: file)
    if plan.pool.name.isEmpty { plan.pool.name = Recipe.runName(file: file) }
    try plan.check()
    return plan
  }

  /// Reads a plan from a text. `name` is the file's name in messages. Does not access the file
  /// system.
  static func parse(
    _ text: [UInt8], name: String, overrides: [String] = []
  ) throws(SettingError) -> CurationPlan {
    var plan = CurationPlan()
    let file = try SettingsFile(
      text, name: name, noun: "a plan", example: "index:",
      isGroup: CurationKeys.groups.contains)
    for entry in file.entries { try plan.take(entry) }
    for override in overrides {
      try plan.take(SettingsFile.Entry(override: override, example: "duplicates.threshold=0.6"))
    }
    return plan
  }

  private mutating func take(_ entry: SettingsFile.Entry) throws(SettingError) {
    guard let key = CurationKeys.byName[entry.name] else {
      throw SettingError(place: entry.place, key: entry.name, message: Self.unknown(entry.name))
    }
    do throws(Refusal) {
      try key.read(entry.value, &self)
    } catch {
      throw SettingError(place: entry.place, key: entry.name, message: error.message)
    }
    places[entry.name] = entry.place
  }

  private static func unknown(_ name: String) -> String {
    let names = CurationKeys.all.map(\.name)
    if let nearest = nearestName(to: name, among: names) {
      return "unknown key; did you mean \(nearest)?"
    }
    let group = String(name.prefix { $0 != "." })
    let inGroup = names.filter { $0.hasPrefix(group + ".") }
    return inGroup.isEmpty
      ? "unknown key; the groups are \(CurationKeys.groups.joined(separator: ", "))"
      : "unknown key; \(group) has \(inGroup.joined(separator: ", "))"
  }

  private mutating func makePathsAbsolute(file: String) {
    let current = FilePath.currentFolder
    let folder = FilePath.parent(of: FilePath.absolute(file, in: current))
    func absolute(_ path: String, _ key: String) -> String {
      guard !path.isEmpty else { return path }
      if case .file = places[key] { return FilePath.absolute(path, in: folder) }
      return FilePath.absolute(path, in: current)
    }
    for (key, field) in Self.listsOfPaths {
      self[keyPath: field] = self[keyPath: field].map { absolute($0, key) }
    }
    for (key, field) in Self.paths {
      self[keyPath: field] = absolute(self[keyPath: field], key)
    }
    let weights = absolute(embed.weights, "embed.weights")
    // Text without a slash may be the name of a run.
    if embed.weights.contains("/") || FileSystem.exists(weights) { embed.weights = weights }
  }

  private static let listsOfPaths: [(String, CurationKey.Field<[String]>)] = [
    ("crawl.sources", \.crawl.sources), ("index.sources", \.index.sources),
    ("decontaminate.sets", \.decontaminate.sets),
    ("retrieve.queries", \.retrieve.queries), ("probe.positive", \.probe.positive),
    ("probe.negative", \.probe.negative),
  ]

  private static let paths: [(String, CurationKey.Field<String>)] = [
    ("filter.scores", \.filter.scores), ("apply.to", \.apply.to),
    ("apply.blur", \.apply.blur),
  ]

  /// All files and folders that the plan reads, itself included.
  var allPaths: [String] {
    let lists = Self.listsOfPaths.flatMap { self[keyPath: $0.1] }
    return (lists + [filter.scores, apply.blur, embed.weights, file]).filter { $0.contains("/") }
  }

  /// Throws if values do not fit together.
  private func check() throws(SettingError) {
    for (key, isWrong, message) in rules where isWrong {
      throw SettingError(
        place: places[key] ?? .file(file, line: nil), key: key, message: message)
    }
  }

  /// What must not be: the key to name, whether it is so, and what to do.
  private var rules: [WrongValue] { ownRules + crawl.rules + featureRules }

  private var ownRules: [WrongValue] {
    let isName =
      pool.name.utf8.count <= 64 && pool.name.unicodeScalars.allSatisfy(Recipe.isNameScalar)
    return [
      (
        "pool.name", !isName || pool.name.hasPrefix(".") || pool.name.hasPrefix("-"),
        "must be up to 64 of a-z A-Z 0-9 . _ -, and not begin with . or -"
      ),
      (
        "index.sources", index.sources.isEmpty && crawl.sources.isEmpty,
        "no images are given; name their folders"
      ),
      (
        "apply.blur", !apply.blur.isEmpty && apply.form != .copies,
        "no file of yours is changed, so parts are blurred in copies; set apply.form: copies"
      ),
      (
        "duplicates.hash_distance", duplicates.distance > duplicates.bits,
        "must be at most duplicates.hash_bits, which is \(duplicates.bits)"
      ),
      (
        "probe.negative", probe.positive.isEmpty != probe.negative.isEmpty,
        "a probe takes examples of both kinds; set probe.positive and probe.negative"
      ),
    ]
  }

  /// What must not be of the stages that compare features.
  private var featureRules: [WrongValue] {
    [
      (
        "probe.positive", !probe.positive.isEmpty && embed.weights.isEmpty,
        "examples are compared by their features; set embed.weights"
      ),
      (
        "duplicates.features", duplicates.features && embed.weights.isEmpty,
        "copies are found by features; set embed.weights"
      ),
      (
        "retrieve.queries", !retrieve.queries.isEmpty && embed.weights.isEmpty,
        "images are retrieved by their features; set embed.weights"
      ),
      (
        "retrieve.neighbours",
        !retrieve.queries.isEmpty && retrieve.neighbours == 0 && retrieve.clusters == 0,
        "examples bring in nothing; set retrieve.neighbours or retrieve.clusters"
      ),
      (
        "balance.clusters", !balance.clusters.isEmpty && embed.weights.isEmpty,
        "images are clustered by their features; set embed.weights"
      ),
      (
        "balance.clusters",
        zip(balance.clusters, balance.clusters.dropFirst()).contains { $0 <= $1 },
        "each level must have fewer clusters than the one before"
      ),
    ]
  }
}

extension CurationPlan {
  /// Returns the values of a group as text, which tells whether two plans differ in it.
  package func text(of group: String) -> String {
    CurationKeys.all.filter { $0.group == group }
      .map { "\($0.name)=\($0.text(in: self))" }.joined(separator: "\n")
  }

  /// The reference of all keys with default, meaning, kind and limits.
  package static func help() -> String {
    let defaults = CurationPlan()
    var text = "Keys of a plan with their defaults.\n"
    for group in CurationKeys.groups {
      text += "\n\(group)\n"
      for key in CurationKeys.all where key.group == group {
        text += "  \(key.name): \(key.text(in: defaults))\n      \(key.meaning) (\(key.values))\n"
      }
    }
    return text
  }
}
