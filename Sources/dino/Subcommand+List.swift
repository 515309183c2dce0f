import History
import Run
import Screen
import Support

extension Subcommand {
  static let list = Subcommand(
    name: "ls", arguments: "", count: 0...0, summary: "list the runs on this machine",
    options: [json, directory]
  ) { arguments in
    let runs = RunTree(RunChoice.all(arguments).sorted { $0.modified > $1.modified }).rows
    // A run whose database is damaged does not hide the others.
    let outlines = runs.map { row in (row, Result { try row.run.outline() }) }
    if arguments.has("--json") {
      print(try dino.json(outlines.compactMap { try? $0.1.get() }))
    } else if runs.isEmpty {
      print("no runs yet; begin one with: dino start RECIPE.yaml")
    } else {
      print(columns(headings, outlines.map { row($0.0, $0.1) }))
    }
    return 0
  }

  private static let headings: [(String, right: Bool)] = [
    ("NAME", false), ("STATE", false), ("STEP", true), ("OF", true), ("LOSS", true),
    ("K-NN", true), ("IMAGES/S", true), ("LAST STEP", false),
  ]

  private static func row(
    _ row: RunTree.Row, _ outline: Result<RunSummary, any Error>
  ) -> [String] {
    let name = row.run.directory.name
    guard case .success(let run) = outline else {
      return [row.branch + name, "unreadable", "", "", "", "", "", "see dino status \(name)"]
    }
    return [
      row.branch + name, run.state, Format.count(run.status.step), Format.count(run.status.steps),
      run.values[.totalLoss].map(Format.loss) ?? "-",
      run.evaluation?.values[.knnLearned].map(Format.percent) ?? "-",
      run.values[.imagesPerSecond].map(Format.number) ?? "-",
      run.time.map { Format.duration(now() - $0) + " ago" } ?? "-",
    ]
  }
}
