/// Collects the values of a recipe, their places, and the notices about them.
struct RecipeReader {
  private var recipe: Recipe
  /// The keys that this reader has set.
  private var taken: Set<String> = []
  /// Official keys that decide nothing in Dino. They are checked once everything is read.
  private var officialOnly:
    [(name: String, key: OfficialKey, node: YAMLNode, place: RecipeLocation)] =
      []
  /// The places of the phases that this reader has read.
  private var phasePlaces: [RecipeLocation] = []

  init(_ recipe: Recipe = Recipe()) {
    self.recipe = recipe
    self.recipe.notices = []
  }

  // MARK: Reading

  /// Reads the text of a file. `name` is the file's name in messages.
  mutating func read(_ text: [UInt8], name: String) throws(RecipeError) {
    let root: YAMLNode?
    do { root = try YAMLParser.parse(text) } catch {
      throw RecipeError(
        place: .file(name, line: error.line), key: nil, message: error.message)
    }
    guard let root, !root.isNull else {
      throw RecipeError(
        place: .file(name, line: nil), key: nil,
        message: "empty; a recipe needs at least one group of keys, such as student:")
    }
    guard case .mapping(let pairs) = root.content else {
      throw RecipeError(
        place: .file(name, line: root.line), key: nil,
        message: "\(root.shown) is not a mapping; a recipe is groups of keys, such as student:")
    }
    var lines: [String: Int] = [:]
    try take(pairs, group: nil, file: name, lines: &lines)
  }

  /// Reads a `key=value` override. A list or quoted text is parsed as YAML. Anything else is taken
  /// literally, so that a path may contain what YAML reads as a comment.
  mutating func read(override text: String) throws(RecipeError) {
    let place = RecipeLocation.override(text)
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      throw RecipeError(
        place: place, key: nil, message: "must be KEY=VALUE, such as optim.base_lr=0.001")
    }
    let name = String(text[..<equals])
    let value = String(text[text.index(after: equals)...])
    var node = YAMLNode(content: .scalar(value, plain: true), line: 1)
    if let first = value.first, "[{'\"".contains(first) {
      do { node = try YAMLParser.parse(Array(value.utf8)) ?? node } catch {
        throw RecipeError(place: place, key: name, message: error.message)
      }
    }
    guard !Self.isGroup(name) else {
      throw RecipeError(
        place: place, key: name,
        message: "a group of keys; set one of \(Self.names(in: name))")
    }
    if name == "phases" { return try takePhases(node) { _ in place } }
    try take(name, node, place)
  }

  private mutating func takePhases(
    _ node: YAMLNode, _ place: (Int) -> RecipeLocation
  ) throws(RecipeError) {
    let read = try PhaseReader.list(node, place: place)
    recipe.phases = read.map(\.definition)
    phasePlaces = read.map(\.place)
  }

  private mutating func take(
    _ pairs: [(key: YAMLNode, value: YAMLNode)], group: String?, file: String,
    lines: inout [String: Int]
  ) throws(RecipeError) {
    for (key, value) in pairs {
      let place = RecipeLocation.file(file, line: key.line)
      // No key is this long, and a whole page of text would make a poor message.
      guard case .scalar(let last, _) = key.content, last.utf8.count <= 100 else {
        throw RecipeError(place: place, key: group, message: "a key must be a word")
      }
      let name = group.map { "\($0).\(last)" } ?? last
      if let first = lines.updateValue(key.line, forKey: name) {
        throw RecipeError(place: place, key: name, message: "given twice, first on line \(first)")
      }
      if name == "phases" {
        try takePhases(value) { .file(file, line: $0) }
        continue
      }
      guard Self.isGroup(name) else {
        try take(name, value, place)
        continue
      }
      if case .mapping(let inner) = value.content {
        try take(inner, group: name, file: file, lines: &lines)
      } else if !value.isNull {
        throw RecipeError(
          place: place, key: name,
          message: "must be a group of keys, indented under it, not \(value.shown)")
      }
    }
  }

  /// Reads one key and its value.
  private mutating func take(
    _ name: String, _ node: YAMLNode, _ place: RecipeLocation
  ) throws(RecipeError) {
    if let key = RecipeKey.named(name) {
      do { try key.read(node, &recipe) } catch {
        throw RecipeError(place: place, key: name, message: error.message)
      }
      recipe.places[name] = place
      taken.insert(name)
    } else if let key = OfficialKey.covering(name) {
      officialOnly.append((name, key, node, place))
    } else {
      throw RecipeError(place: place, key: name, message: Self.unknown(name))
    }
  }

  // MARK: Checking

  /// Checks all values together. Returns the recipe with its notices.
  mutating func finish() throws(RecipeError) -> Recipe {
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

  private mutating func checkOfficialOnly() throws(RecipeError) {
    for (name, key, node, place) in officialOnly {
      let isNoticed: Bool
      do {
        isNoticed = try key.accept(node, in: recipe)
      } catch {
        throw RecipeError(place: place, key: name, message: error.message)
      }
      if isNoticed { notice(place, name, key.reason) }
      // If a data set was named, the embedded textures must not silently replace it.
      if name == "train.dataset_path", recipe.places["data.path"] == nil { recipe.data.path = "" }
    }
  }

  private func checkRules() throws(RecipeError) {
    for rule in RecipeRule.all {
      guard let problem = rule.problem(recipe) else { continue }
      throw RecipeError(place: location(ofFirst: rule.keys), key: rule.keys[0], message: problem)
    }
  }

  /// Returns the place to name in an error. Keys that this reader set come first, and overrides
  /// before the file.
  private func location(ofFirst keys: [String]) -> RecipeLocation {
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

  private mutating func notice(_ place: RecipeLocation, _ name: String, _ reason: String) {
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
