import CommandKit
import History
import Recipe
import Run
import Schedule
import Screen
import Store
import Support
import Wire

/// The checkpoints of a run with what is known about each. Checksums are not compared.
struct CheckpointList {
  let rows: [CheckpointFacts]

  init(_ rows: [CheckpointFacts]) { self.rows = rows }

  /// Returns what is known of a run's checkpoints, from its folder or from the gate of its machine.
  static func rows(at place: RunPlace) throws -> [CheckpointFacts] {
    if let directory = place.directory { return try rows(of: directory) }
    let reply = try RunClient.request(
      .checkpoints, at: place.endpoints, client: ClientName.of("dino checkpoints"))
    guard let rows = reply?.checkpoints else {
      throw Failure("\(place.label): \(reply?.reason ?? "the gate does not answer")")
    }
    return rows
  }

  /// Returns what is known of the checkpoints of a run of this machine.
  static func rows(of directory: RunDirectory) throws -> [CheckpointFacts] {
    let store = CheckpointStore(directory: directory.checkpoints)
    let history = try HistoryReader(directory: directory)
    let probes = try history.evaluations().filter { $0.name == ProbeResult.knn }
    var rows: [CheckpointFacts] = []
    var usable: [Checkpoint] = []
    for step in try store.steps() {
      do throws(FileError) {
        usable.append(try store.checkpoint(step: step))
      } catch {
        rows.append(CheckpointFacts(step: step, problem: error.what))
      }
    }
    let retention = CheckpointRetention(try Recipe.read(file: directory.recipe).session)
    let reasons = retention.reasons(
      usable.map { .init(step: $0.step, isNamed: $0.name != nil, isSound: $0.isSound) },
      current: try history.lastCheckpoint() ?? usable.last?.step ?? 0,
      step: try history.lastStep(), troubled: nil, journal: try history.journal().inForce,
      probes: probes)
    rows += usable.map { checkpoint in
      var facts = CheckpointFacts(step: checkpoint.step)
      (facts.name, facts.time) = (checkpoint.name, checkpoint.manifest.time)
      (facts.bytes, facts.isSound) = (checkpoint.bytes, checkpoint.isSound)
      facts.knn = probes.last { $0.step == checkpoint.step }?.values[.knnLearned]
      facts.keptFor = (reasons[checkpoint.step] ?? []).map(\.rawValue)
      return facts
    }
    return rows.sorted { $0.step < $1.step }
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
          row.knn.map(Format.percent) ?? "-", row.keptFor.map(words).joined(separator: ", "),
          row.name ?? "",
        ]
      }
    ).text
  }

  /// Returns the name of a rule in a word or two. A gate of another version may know further ones.
  private func words(_ rule: String) -> String {
    switch CheckpointRetention.Reason(rawValue: rule) {
    case .named: "named"
    case .current: "current"
    case .newest: "newest"
    case .every: "every"
    case .best: "best"
    case .phase: "phase begins"
    case .change: "before a change"
    case nil: rule
    }
  }
}
