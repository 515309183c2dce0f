import CommandKit
import History
import Run
import Screen
import Support

extension Subcommand {
  static let list = Subcommand(
    name: "ls", operands: "", count: 0...0, summary: "list the runs on this machine",
    options: [json, directory]
  ) { arguments in
    let runs = RunTree(try RunSelection.all(arguments).sorted { $0.modified > $1.modified }).rows
    // A run whose database is damaged must not hide the others.
    let outlines = runs.map { row in (row, Result { try row.run.outline() }) }
    if arguments.has("--json") {
      print(try JSONText.pretty(outlines.map { ListedRun($0.0, $0.1) }))
    } else if runs.isEmpty {
      print("no runs yet; start one with: dino start RECIPE.yaml")
    } else {
      print(TextTable(headings, outlines.map { row($0.0, $0.1) }).text)
    }
    return 0
  }

  private static let headings: [(title: String, side: TextTable.Side)] = [
    ("NAME", .left), ("STATE", .left), ("STEP", .right), ("OF", .right), ("LOSS", .right),
    ("K-NN", .right), ("IMAGES/S", .right), ("LAST STEP", .left),
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
      run.time.map { Format.duration(Clock.wall() - $0) + " ago" } ?? "-",
    ]
  }
}

/// A run as `dino ls --json` prints it: what is known, or why nothing is.
private enum ListedRun: Encodable {
  case known(RunSummary)
  case unreadable(Unreadable)

  struct Unreadable: Encodable {
    var name: String
    var state = "unreadable"
    var error: String
  }

  init(_ row: RunTree.Row, _ outline: Result<RunSummary, any Error>) {
    self =
      switch outline {
      case .success(let run): .known(run)
      case .failure(let error):
        .unreadable(Unreadable(name: row.run.directory.name, error: "\(error)"))
      }
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .known(let run): try run.encode(to: encoder)
    case .unreadable(let run): try run.encode(to: encoder)
    }
  }
}
