import CommandKit
import History
import Recipe
import Run
import Schedule
import Store
import Support

extension Subcommand {
  static let checkpoints = Subcommand(
    name: "checkpoints", operands: "[NAME]", count: 0...1,
    summary: "list the checkpoints of a run, and why each is kept",
    options: [json, directory]
  ) { arguments in
    let run = try RunSelection.any(arguments.operands.first, arguments)
    let list = try CheckpointList(run.directory(for: "dino checkpoints"))
    if arguments.has("--json") {
      print(try JSONText.pretty(list.rows))
    } else if list.rows.isEmpty {
      print("\(run.name) has no checkpoint yet")
    } else {
      print(list.table)
    }
    return 0
  }
}

/// The checkpoints of a run with what is known about each. Checksums are not compared.
private struct CheckpointList {
  /// A checkpoint, as `--json` prints it.
  struct Row: Encodable {
    let step: Int
    var name: String?
    var time: Double?
    var bytes: Int?
    /// Whether the step after it was sound.
    var isSound = false
    /// Why it cannot be used; absent if it can.
    var problem: String?
    /// The accuracy of the probe at this step.
    var knn: Double?
    var keptFor: [CheckpointRetention.Reason] = []

    enum CodingKeys: String, CodingKey {
      case step, name, time, bytes, problem, knn
      case isSound = "sound"
      case keptFor = "kept_for"
    }
  }

  private(set) var rows: [Row] = []

  init(_ directory: RunDirectory) throws {
    let store = CheckpointStore(directory: directory.checkpoints)
    let history = try HistoryReader(directory: directory)
    let probes = try history.evaluations().filter { $0.name == ProbeResult.knn }
    var usable: [Checkpoint] = []
    for step in try store.steps() {
      do throws(FileError) {
        usable.append(try store.checkpoint(step: step))
      } catch {
        rows.append(Row(step: step, problem: error.what))
      }
    }
    let retention = CheckpointRetention(try Recipe.read(file: directory.recipe).session)
    let reasons = retention.reasons(
      usable.map { .init(step: $0.step, isNamed: $0.name != nil, isSound: $0.isSound) },
      current: try history.lastCheckpoint() ?? usable.last?.step ?? 0,
      step: try history.lastStep(), troubled: nil, journal: try history.journal().inForce,
      probes: probes)
    rows += usable.map { checkpoint in
      Row(
        step: checkpoint.step, name: checkpoint.name, time: checkpoint.manifest.time,
        bytes: checkpoint.bytes, isSound: checkpoint.isSound,
        knn: probes.last { $0.step == checkpoint.step }?.values[.knnLearned],
        keptFor: reasons[checkpoint.step] ?? [])
    }
    rows.sort { $0.step < $1.step }
  }

  var table: String {
    TextTable(
      [
        ("STEP", .right), ("WRITTEN", .left), ("SIZE", .right), ("STATE", .left), ("K-NN", .right),
        ("KEPT AS", .left), ("NAME", .left),
      ],
      rows.map { row in
        [
          Format.count(row.step), row.time.map(Format.date) ?? "-",
          row.bytes.map { Format.bytes(Double($0)) } ?? "-",
          row.problem ?? (row.isSound ? "sound" : "unconfirmed"),
          row.knn.map(Format.percent) ?? "-", row.keptFor.map(\.words).joined(separator: ", "),
          row.name ?? "",
        ]
      }
    ).text
  }
}

extension CheckpointRetention.Reason {
  /// The reason in a word or two.
  fileprivate var words: String {
    switch self {
    case .named: "named"
    case .current: "current"
    case .newest: "newest"
    case .every: "every"
    case .best: "best"
    case .phase: "phase begins"
    case .change: "before a change"
    }
  }
}
