import Recipe
import Settings
import Testing

/// The folder of this file, and the root of the checkout.
let testFolder = String(#filePath.dropLast("/RecipeTests.swift".count))
let checkout = String(testFolder.dropLast("/Tests/RecipeTests".count))

/// Returns the error that a user sees when the recipe is read; `nil` if it is accepted.
func refusal(_ yaml: String, _ overrides: String...) -> String? {
  do {
    _ = try Recipe.parse(yaml: yaml, name: "r.yaml", overrides: overrides)
    return nil
  } catch { return error.description }
}

/// Returns a recipe in which the key has another value than the default; `nil` if no candidate is
/// accepted.
func changed(_ key: RecipeKey, accepts: (Recipe) -> Bool = { _ in true }) -> Recipe? {
  let text = key.text(in: Recipe())
  var candidates = key.choices + ["true", "false", "a_name", "[0.11, 0.27]", "[0.2, 0.3, 0.4]"]
  if let number = Double(text) {
    candidates += [number / 2, number + 1, number + 64, 0.25].map {
      Int(exactly: $0).map(String.init) ?? String($0)
    }
  }
  // Keys that are valid only together with others.
  let companions = [
    "data.range_min": ["data.range_max=1000"], "data.range_max": ["data.range_min=-1"],
    "data.channels": ["data.path=photos"],
  ]
  for candidate in candidates where candidate != text {
    guard
      let recipe = try? Recipe().applying(
        ["\(key.name)=\(candidate)"] + companions[key.name, default: []]),
      key.text(in: recipe) != text, accepts(recipe)
    else { continue }
    return recipe
  }
  return nil
}

/// Returns a recipe in which only a key has another value, whether or not that fits the others.
private func changedAlone(_ key: RecipeKey) throws -> Recipe? {
  let text = key.text(in: try #require(changed(key)))
  var recipe = Recipe()
  try key.read(SettingsFile.Entry(override: "\(key.name)=\(text)", example: "").value, &recipe)
  return recipe
}

@Suite("Keys")
struct KeyTests {
  @Test("a changed value of each key is written and read back", arguments: RecipeKey.all)
  func roundTrip(_ key: RecipeKey) throws {
    let recipe = try #require(changed(key))
    let again = try Recipe.parse(yaml: recipe.yaml(), name: "resolved.yaml")
    #expect(key.text(in: again) == key.text(in: recipe))
    #expect(again == recipe)
    #expect(again != Recipe())
  }

  @Test("the table reaches every field of a recipe")
  func complete() throws {
    let before = leaves(of: Recipe())
    var reached: Set<String> = []
    for key in RecipeKey.all {
      let after = leaves(of: try #require(try changedAlone(key)))
      let moved = Set(before.keys.filter { before[$0] != after[$0] })
      #expect(!moved.isEmpty && moved.isDisjoint(with: reached), "\(key.name)")
      reached.formUnion(moved)
    }
    #expect(before.count > 80)
    // `phases` is not a key but a list of overrides of keys.
    #expect(Set(before.keys) == reached.union(["phases"]))
  }

  /// Returns every stored value by its path, except those that describe how the recipe was given.
  private func leaves(of recipe: Recipe) -> [String: String] {
    var found: [String: String] = [:]
    func walk(_ value: Any, _ path: String) {
      let children = Mirror(reflecting: value).children
      if children.isEmpty { found[path] = "\(value)" }
      for (index, child) in children.enumerated() {
        walk(child.value, "\(path).\(child.label ?? String(index))")
      }
    }
    for child in Mirror(reflecting: recipe).children
    where child.label != "notices" && child.label != "places" {
      walk(child.value, child.label!)
    }
    return found
  }

  @Test("names are unique, in one place with their group, and mean one thing")
  func names() {
    #expect(Set(RecipeKey.all.map(\.name)).count == RecipeKey.all.count)
    #expect(Set(RecipeKey.groups).count == RecipeKey.groups.count)
    for key in RecipeKey.all {
      #expect(OfficialKey.covering(key.name) == nil)
      #expect(key.meaning.count <= 90 && !key.meaning.contains("\n"))
    }
    for key in OfficialKey.all { #expect(key.instead.map { RecipeKey.named($0) != nil } ?? true) }
  }

  @Test("the default lies within each key's limits")
  func defaults() throws {
    #expect(try Recipe.parse(yaml: Recipe().yaml(), name: "default.yaml") == Recipe())
  }

  @Test("the reference names every key with its default")
  func help() {
    let text = Recipe.help()
    for key in RecipeKey.all { #expect(text.contains("\(key.name): \(key.text(in: Recipe()))")) }
    for key in OfficialKey.all { #expect(text.contains(key.name)) }
    #expect(text.contains("a number, at least 0 and below 1"))
  }
}

@Suite("Numbers and text")
struct ScalarTests {
  @Test(
    "a number is written so that YAML 1.1 and 1.2 read the same number",
    arguments: [
      (1e-6, "1.0e-06"), (1.5e-3, "0.0015"), (1, "1"), (0.1, "0.1"), (1.25e-7, "1.25e-07"),
      (1e300, "1.0e+300"), (0.30000000000000004, "0.30000000000000004"),
    ])
  func doubles(_ value: Double, _ text: String) {
    var recipe = Recipe()
    recipe.optim.minLr = value
    #expect(RecipeKey.named("optim.min_lr")?.text(in: recipe) == text)
    #expect(Double(text) == value)
  }

  @Test(
    "text survives writing and reading",
    arguments: [
      "photos", "/a b/c: d #1", "true", "null", "12", "~", "-x", "\"quoted\\\"", "ä 猫", "tab\there",
      "line\nline", "[1]", "\u{7F}\u{85}\u{2028}", " ", "*alias", "{", "a:b", "%x", "@x",
    ])
  func text(_ text: String) throws {
    var recipe = Recipe()
    recipe.data.path = text
    #expect(try Recipe.parse(yaml: recipe.yaml(), name: "r.yaml").data.path == text)
  }

  @Test(
    "a number may be written in each of its forms",
    arguments: ["0.004", "4e-3", "4.0E-03", ".004", "+0.004"])
  func forms(_ text: String) throws {
    let recipe = try Recipe.parse(yaml: "optim: {base_lr: \(text)}", name: "r.yaml")
    #expect(recipe.optim.baseLr == 0.004)
  }
}

@Suite("Derived numbers")
struct DerivedTests {
  @Test(
    "an architecture has the paper's sizes",
    arguments: [
      ("vit_tiny", 192, 12, 3, 512), ("vit_small", 384, 12, 6, 1024),
      ("vit_base", 768, 12, 12, 2048), ("vit_large", 1024, 24, 16, 2736),
      ("vit_giant2", 1536, 40, 24, 4096),
    ])
  func architectures(_ name: String, _ width: Int, _ depth: Int, _ heads: Int, _ gated: Int) {
    var recipe = Recipe()
    recipe.student.arch = name
    let plain = recipe.architecture
    #expect([plain.embedDim, plain.depth, plain.numHeads] == [width, depth, heads])
    #expect(plain.hiddenWidth == 4 * width)
    recipe.student.ffnLayer = .swiglufused
    #expect(recipe.architecture.hiddenWidth == gated)
    recipe.student.ffnLayer = .swiglu
    #expect(recipe.architecture.hiddenWidth == gated)
  }

  @Test("sizes that are given replace those of arch")
  func overridden() throws {
    let yaml = "student: {arch: vit_small, depth: 4, num_heads: 12}"
    let sizes = try Recipe.parse(yaml: yaml, name: "r.yaml").architecture
    #expect([sizes.embedDim, sizes.depth, sizes.numHeads, sizes.headDim] == [384, 4, 12, 32])
  }

  @Test("steps are epochs times their length, fractions included")
  func steps() {
    var recipe = Recipe()
    recipe.train.officialEpochLength = 60
    recipe.optim.epochs = 10
    recipe.optim.warmupEpochs = 0.5
    recipe.optim.freezeLastLayerEpochs = 0.1
    recipe.teacher.warmupTeacherTempEpochs = 2.51
    #expect(recipe.totalSteps == 600)
    #expect(recipe.warmupSteps == 30)
    #expect(recipe.freezeLastLayerSteps == 6)
    #expect(recipe.warmupTeacherTempSteps == 151)
  }

  @Test("the learning rate follows the square root of the batch, or nothing")
  func learningRate() {
    var recipe = Recipe()
    recipe.train.batchSizePerGPU = 256
    #expect(recipe.scaledLr == 0.002)
    recipe.train.accumulationSteps = 4
    #expect(recipe.imagesPerStep == 1024 && recipe.scaledLr == 0.004)
    recipe.optim.scalingRule = .none
    recipe.train.accumulationSteps = 1
    #expect(recipe.scaledLr == 0.004)
  }

  @Test("stochastic depth drops alike in every block, or in a line from none in the first")
  func dropPathRates() throws {
    let yaml = "student: {arch: vit_small, depth: 4, drop_path_rate: 0.3}"
    #expect(try Recipe.parse(yaml: yaml, name: "r.yaml").dropPathRates == [0.3, 0.3, 0.3, 0.3])
    let growing = try Recipe.parse(
      yaml: yaml, name: "r.yaml", overrides: ["student.drop_path_uniform=false"])
    for (rate, expected) in zip(growing.dropPathRates, [0, 0.1, 0.2, 0.3]) {
      #expect(abs(rate - expected) < 1e-12)
    }
    #expect(try growing.applying(["student.depth=1"]).dropPathRates == [0])
  }
}
