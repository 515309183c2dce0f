import CommandKit
import Engine
import Recipe
import Schedule
import Support
import Trainer

extension Subcommand {
  static let recipe = Subcommand(
    name: "recipe", operands: "[RECIPE.yaml]", count: 0...1,
    summary: "print a recipe with all keys resolved and its parameters counted, or list all keys",
    options: [
      setting,
      Option("--json", nil, "print JSON"),
    ]
  ) { arguments in
    guard let file = arguments.operands.first else {
      guard !arguments.has("--set"), !arguments.has("--json") else {
        throw UsageError("--set and --json need a RECIPE.yaml")
      }
      print(Recipe.help(), terminator: "")
      return 0
    }
    let overrides = arguments.values("--set")
    let given = try Recipe.read(file: file, overrides: overrides)
    // As training would take it, if the teacher is there.
    let recipe = (try? FeatureDistillation.recipe(file, overrides, parent: nil).0) ?? given
    let facts = RecipeFacts(recipe)
    if arguments.has("--json") {
      print(try facts.json)
    } else {
      print(facts.comments + recipe.yaml(), terminator: "")
    }
    return 0
  }
}

/// Facts that follow from a recipe.
private struct RecipeFacts {
  private let recipe: Recipe
  /// The parameters of each student.
  private let counts: [ParameterCounts]

  init(_ recipe: Recipe) {
    self.recipe = recipe
    counts = recipe.students.map { ParameterCounts($0) }
  }

  /// Notices and numbers, as comments to print before the recipe.
  var comments: String {
    let parameters = zip(recipe.students, counts).map { student, counts in
      let modules = counts.modules.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
      let whose = self.counts.count > 1 ? " of \(student.student.arch)" : ""
      return "parameters\(whose): \(modules); total \(counts.total)"
    }
    let lines =
      recipe.notices + parameters + [
        "steps: \(SchedulePlan(recipe).totalSteps), of \(Format.count(recipe.imagesPerStep, "image")); "
          + "highest learning rate: \(Float(recipe.scaledLr))"
      ]
    return lines.map { "# \($0)\n" }.joined()
  }

  var json: String {
    get throws {
      let modules = counts[0].modules.map { "\($0.name.jsonQuoted): \($0.count)" }.joined(
        separator: ", ")
      let notices = try JSONText.line(recipe.notices)
      return "{\"parameters\": {\(modules)}, \"steps\": \(SchedulePlan(recipe).totalSteps), "
        + "\"images_per_step\": \(recipe.imagesPerStep), \"scaled_lr\": \(recipe.scaledLr), "
        + "\"notices\": \(notices), \"recipe\": \(recipe.json())}"
    }
  }
}
