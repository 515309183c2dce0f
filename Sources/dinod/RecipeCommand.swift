import Recipe

extension DaemonCommand {
  static let recipe = DaemonCommand(
    name: "recipe", operands: "[RECIPE.yaml]",
    summary: "prints a recipe with every key resolved, or what every key means",
    options: [
      CommandOption(
        name: "set", value: "KEY=VALUE", meaning: "overrides a key of the recipe", repeats: true)
    ],
    operandCount: 0...1
  ) { arguments in
    guard let file = arguments.operands.first else {
      print(Recipe.help(), terminator: "")
      return 0
    }
    let recipe = try Recipe.read(file: file, overrides: arguments.values["set"] ?? [])
    for notice in recipe.notices { print("# \(notice)") }
    print(recipe.yaml(), terminator: "")
    return 0
  }
}
