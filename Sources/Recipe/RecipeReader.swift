import Settings

/// Collects the values of a recipe, their places, and the notices about them.
struct RecipeReader {
  private var recipe: Recipe
  /// The keys that this reader has set.
  private var taken: Set<String> = []
  /// Official keys that decide nothing in Dino. They are checked once everything is read.
  private var officialOnly:
    [(name: String, key: OfficialKey, node: YAMLNode, place: SettingLocation)] =
      []
  /// The places of the phases that this reader has read.
  private var phasePlaces: [SettingLocation] = []

  init(_ recipe: Recipe = Recipe()) {
    self.recipe = recipe
    self.recipe.notices = []
  }

  // MARK: Reading

  /// Reads the text of a file. `name` is the file's name in messages.
  mutating func read(_ text: [UInt8], name: String) throws(SettingError) {
    let settings = try SettingsFile(
      text, name: name, noun: "a recipe", example: "student:", isGroup: Self.isGroup)
    for entry in settings.entries {
      if entry.name == "phases" {
        try takePhases(entry.value) { .file(name, line: $0) }
      } else {
        try take(entry.name, entry.value, entry.place)
      }
    }
  }

  /// Reads a `key=value` override.
  mutating func read(override text: String) throws(SettingError) {
    let entry = try SettingsFile.Entry(override: text, example: "optim.base_lr=0.001")
    guard !Self.isGroup(entry.name) else {
      throw SettingError(
        place: entry.place, key: entry.name,
        message: "a group of keys; set one of \(Self.names(in: entry.name))")
    }
    if entry.name == "phases" { return try takePhases(entry.value) { _ in entry.place } }
    try take(entry.name, entry.value, entry.place)
  }

  private mutating func takePhases(
    _ node: YAMLNode, _ place: (Int) -> SettingLocation
  ) throws(SettingError) {
    let read = try PhaseReader.list(node, place: place)
    recipe.phases = read.map(\.definition)
    phasePlaces = read.map(\.place)
  }

  /// Reads one key and its value.
  private mutating func take(
    _ name: String, _ node: YAMLNode, _ place: SettingLocation
  ) throws(SettingError) {
    if let key = RecipeKey.named(name) {
      do { try key.read(node, &recipe) } catch {
        throw SettingError(place: place, key: name, message: error.message)
      }
      recipe.places[name] = place
      taken.insert(name)
    } else if let key = OfficialKey.covering(name) {
      officialOnly.append((name, key, node, place))
    } else {
      throw SettingError(place: place, key: name, message: Self.unknown(name))
    }
  }

  // MARK: Checking

  /// Checks all values together. Returns the recipe with its notices.
  mutating func finish() throws(SettingError) -> Recipe {
    fillChannels()
    // Values computed from other keys need those keys to be valid.
    try checkRules()
    try checkOfficialOnly()
    noticeUnused()
    for (number, phase) in recipe.phases.enumerated() {
      let isPlaced = number < phasePlaces.count
      let place = isPlaced ? phasePlaces[number] : .program
      _ = try recipe.resolved(for: phase, at: place)
      if number > 0, let notice = recipe.emptyPhaseNotice(in: phase) {
        recipe.notices.append("\(place): phase \(phase.name): \(notice)")
      }
    }
    return recipe
  }

  /// Repeats a value that is given once for all channels. Other channels than red, green and blue
  /// have a mean and a deviation of their own, unless they are given.
  private mutating func fillChannels() {
    let channels = recipe.data.channels
    if !recipe.data.hasColours {
      if recipe.places["data.mean"] == nil { recipe.data.mean = [Recipe.otherMean] }
      if recipe.places["data.std"] == nil { recipe.data.std = [Recipe.otherStd] }
    }
    for field in [\Recipe.DataSource.mean, \.std, \.rangeMin, \.rangeMax]
    where recipe.data[keyPath: field].count == 1 {
      recipe.data[keyPath: field] = Array(
        repeating: recipe.data[keyPath: field][0], count: channels)
    }
  }

  private mutating func checkOfficialOnly() throws(SettingError) {
    for (name, key, node, place) in officialOnly {
      let isNoticed: Bool
      do {
        isNoticed = try key.accept(node, in: recipe)
      } catch {
        throw SettingError(place: place, key: name, message: error.message)
      }
      if isNoticed { notice(place, name, key.reason) }
      // If a data set was named, the embedded textures must not silently replace it.
      if name == "train.dataset_path", recipe.places["data.path"] == nil { recipe.data.path = "" }
    }
  }

  private func checkRules() throws(SettingError) {
    for rule in RecipeRule.all {
      guard let problem = rule.problem(recipe) else { continue }
      throw SettingError(place: location(ofFirst: rule.keys), key: rule.keys[0], message: problem)
    }
  }

  /// Returns the place to name in an error. Keys that this reader set come first, and overrides
  /// before the file.
  private func location(ofFirst keys: [String]) -> SettingLocation {
    let places = (keys.filter(taken.contains) + keys).compactMap { recipe.places[$0] }
    let override = places.first {
      if case .override = $0 { true } else { false }
    }
    return override ?? places.first ?? .program
  }

  /// A resolved recipe has every key, so only those that differ from the default get a notice.
  private mutating func noticeUnused() {
    let defaults = Recipe()
    for key in RecipeKey.all where taken.contains(key.name) {
      guard let place = recipe.places[key.name], let reason = key.unusedReason(recipe),
        key.text(in: recipe) != key.text(in: defaults)
      else { continue }
      notice(place, key.name, reason)
    }
  }

  private mutating func notice(_ place: SettingLocation, _ name: String, _ reason: String) {
    recipe.notices.append("\(place): \(name): accepted without effect: \(reason)")
  }

  // MARK: Names

  private static func isGroup(_ name: String) -> Bool {
    RecipeKey.groups.contains(name)
      || OfficialKey.all.contains { $0.name.hasPrefix(name + ".") && !$0.covers(name) }
  }

  private static func names(in group: String) -> String {
    RecipeKey.all.filter { $0.group == group }.map(\.name).joined(separator: ", ")
  }

  private static func unknown(_ name: String) -> String {
    if let nearest = NearestName.of(name) { return "unknown key; did you mean \(nearest)?" }
    let group = String(name.prefix { $0 != "." })
    return RecipeKey.groups.contains(group)
      ? "unknown key; \(group) has \(names(in: group))"
      : "unknown key; the groups are \(RecipeKey.groups.joined(separator: ", "))"
  }
}
