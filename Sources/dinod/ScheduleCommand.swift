import CommandKit
import Recipe
import Run
import Schedule
import Support

extension Subcommand {
  static let schedule = Subcommand(
    name: "schedule", operands: "RECIPE.yaml", count: 1...1,
    summary: "print and draw the schedules of a recipe: rates, weight decay, momentum, temperature",
    options: [
      setting,
      Option("--json", nil, "print JSON: a list for each schedule"),
      Option("--csv", nil, "print CSV: a line for each step"),
      Option("--to", "FILE.svg", "draw all of them as an SVG picture"),
      Option(
        "--points", "N", "number of steps, evenly spaced; 0: all; by default 240, and all for CSV"),
    ]
  ) { arguments in
    let formats = ["--json", "--csv", "--to"].filter(arguments.has)
    guard formats.count < 2 else {
      throw UsageError("\(formats[0]) and \(formats[1]) cannot be used together")
    }
    let recipe = try Recipe.read(
      file: arguments.operands[0], overrides: arguments.values("--set"))
    let points = try points(arguments, fallback: arguments.has("--csv") ? 0 : 240)
    guard points > 0 || recipe.totalSteps <= 10_000_000 else {
      throw UsageError("the run has \(Format.count(recipe.totalSteps, "step")); give --points N")
    }
    switch formats.first {
    case "--json": print(try RecipeSchedules(recipe, points: points).json)
    case "--csv": RecipeSchedules(recipe, points: points).csv { print($0) }
    case "--to":
      let file = arguments.value("--to")!
      guard file.hasSuffix(".svg") else {
        throw UsageError("--to", takes: "a file name ending in .svg", not: file)
      }
      try WholeFile.write(RecipeSchedules(recipe, points: points).svg, to: file)
    default: print(RecipeSchedules(recipe, points: points).text, terminator: "")
    }
    return 0
  }

  private static func points(_ arguments: Arguments, fallback: Int) throws -> Int {
    guard let text = arguments.value("--points") else { return fallback }
    guard let points = Int(text), points == 0 || (2...10_000_000).contains(points) else {
      throw UsageError("--points", takes: "0, or from 2 to 10000000 steps", not: text)
    }
    return points
  }
}

/// The values of a recipe's schedules at some of its steps.
struct RecipeSchedules {
  /// The schedules to show, with the names of their metrics.
  static let metrics: [Metric] = [
    .lr, .lastLayerLr, .weightDecay, .momentumTeacher, .teacherTemp,
  ]

  let name: String
  let plan: SchedulePlan
  let imagesPerStep: Int
  /// The steps at which a curve or the phase changes, and the first, the middle and the last one.
  let landmarks: [Int]
  /// The number of evenly spread steps to show; 0 for all.
  private let points: Int

  init(_ recipe: Recipe, points: Int) {
    name = recipe.session.name
    plan = SchedulePlan(recipe)
    imagesPerStep = recipe.imagesPerStep
    self.points = points
    let total = plan.totalSteps
    let turns = [
      1, recipe.freezeLastLayerSteps, recipe.freezeLastLayerSteps + 1,
      recipe.warmupTeacherTempSteps, recipe.warmupSteps, (total + 1) / 2, total,
    ]
    let borders = plan.phases.phases.dropFirst().flatMap { [$0.first - 1, $0.first] }
    landmarks = Set((turns + borders).filter { (1...total).contains($0) }).sorted()
  }

  /// The steps to show, from 1: evenly spread, and those at which a curve has a corner.
  var steps: [Int] {
    let total = plan.totalSteps
    guard points > 0 && points < total else { return Array(1...total) }
    let even = (0..<points).map { 1 + (total - 1) * $0 / (points - 1) }
    return Set(even + landmarks).sorted()
  }

  /// Returns the values of a schedule at some steps.
  func values(_ metric: Metric, at steps: [Int]) -> [Double] {
    steps.map { plan.value(metric, at: $0) }
  }

  var json: String {
    get throws {
      let steps = steps
      let lists = try Self.metrics.map { metric in
        ",\n \(metric.rawValue.jsonQuoted): " + (try JSONText.line(values(metric, at: steps)))
      }
      return "{\"steps\": \(plan.totalSteps), \"images_per_step\": \(imagesPerStep),\n \"step\": "
        + "\(try JSONText.line(steps))\(lists.joined())}"
    }
  }

  /// Passes on one line at a time, since a run may have millions of steps.
  func csv(_ line: (String) -> Void) {
    line((["step"] + Self.metrics.map(\.rawValue)).joined(separator: ","))
    for step in steps {
      let values = Self.metrics.map { String(plan.value($0, at: step)) }
      line(([String(step)] + values).joined(separator: ","))
    }
  }
}
