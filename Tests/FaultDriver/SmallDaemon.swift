import History
import Run
import Store
import Support

/// What `Trainer` does to a run's folder, without the training.
///
/// It says on standard output what it is about to do (`step`, `ask`, `write`, `going`,
/// `dropping`), and what is
/// promised once a call has returned (`change`, `recorded`, `checkpoint`, `counted`, `sound`,
/// `back`, `rewound`). A call that throws promises nothing, and the daemon goes on, as the real one
/// does.
final class SmallDaemon {
  private let lock: RunLock
  private let history: HistoryWriter
  private let checkpoints: CheckpointStore
  private let number: Int
  private var journal: Journal
  private var step: Int
  private var asked = 0
  private var written = 0

  /// Starts or resumes the run, in the order in which a daemon does.
  init(parent: String, number: Int) throws {
    let directory = RunDirectory(name: "run", parent: parent)
    lock = try RunLock(directory: directory)
    history = try HistoryWriter(directory: directory)
    FrequentMerging.apply()
    checkpoints = CheckpointStore(directory: directory.checkpoints)
    self.number = number
    journal = try HistoryReader(directory: directory).journal()
    try checkpoints.recover()
    step = try checkpoints.latestIntact { _, reason in say("damaged \(reason)") }?.step ?? 0
    say("dropping \(step)")
    try history.rewind(to: step, journal: journal)
    say("rewound \(step)")
    // A client that asks again for a change in the journal is told that it was made.
    for entry in journal.entries { say("change \(entry.id)") }
  }

  /// Takes steps, and ends.
  func run(steps: Int) throws {
    for turn in 1...steps {
      step += 1
      say("step \(step)")
      attempt { () throws(HistoryError) in
        try history.append(Sample(step: step, time: 1, values: [.totalLoss: Double(step)]))
      }
      if step % 2 == 0 { change() }
      if step % 4 == 1 { markSound() }
      if step % 4 == 3 { checkpoint() }
      if turn == 10 {
        // Leaves nothing that waits to be written.
        note("before a checkpoint")
        checkpoint(name: "mine")
        // Replaces the one before.
        checkpoint()
      }
      // Is written at once, but is not synced.
      note("step \(step)")
      if turn == 12 { try goBack() }
    }
    attempt { () throws(HistoryError) in try history.close() }
  }

  private func change() {
    asked += 1
    let entry = JournalEntry(
      id: "\(number)-\(asked)", time: 3, step: step + 1, client: "driver",
      change: .set(SetSchedule(.lr, to: Double(asked) * 1e-4, over: number)), effect: .from(1))
    if commit(entry) { say("change \(entry.id)") }
  }

  private func commit(_ entry: JournalEntry) -> Bool {
    say("ask \(entry.id)")
    let isKept = attempt { () throws(HistoryError) in try history.commit(entry) }
    if isKept { journal.append(entry) }
    return isKept
  }

  private func checkpoint(name: String? = nil) {
    if attempt({ () throws(HistoryError) in try history.flush() }) { say("recorded \(step)") }
    written += 1
    let version = number * 100 + written
    say("write \(step) \(version)")
    do {
      try checkpoints.write(step: step, name: name, info: ["version": "\(version)"]) {
        (writer) throws(FileError) in
        let values = [Float](repeating: Float(version), count: 600)
        try writer.addTensors("student.safetensors", [.floats("w", [600], values)])
        try writer.addText("recipe.yaml", "version: \(version)\n")
      }
    } catch {
      return say("failed \(error)")
    }
    say("checkpoint \(step) \(version)")
    if attempt({ () throws(HistoryError) in try history.append(checkpoint: step) }) {
      say("counted \(step)")
    }
    do {
      try checkpoints.remove(checkpoints.list().map(\.step).dropLast(2))
    } catch {
      say("failed \(error)")
    }
  }

  private func markSound() {
    guard let latest = try? checkpoints.checkpoint(step: step - 2) else { return }
    do {
      try checkpoints.markSound(step: latest.step)
      say("sound \(latest.step)")
    } catch {
      say("failed \(error)")
    }
  }

  /// Goes back to the oldest checkpoint, as the trainer does: the journal first, then the newer
  /// checkpoints, then the record.
  private func goBack() throws {
    guard let target = try checkpoints.list().first?.step else { return }
    let entry = JournalEntry(
      id: "\(number)-back", time: 3, step: target + 1, client: "driver", change: .back,
      effect: .undoes("\(number)-1"))
    say("going \(target)")
    guard commit(entry) else { return }
    say("change \(entry.id)")
    say("back \(target)")
    try checkpoints.remove(checkpoints.list().map(\.step).filter { $0 > target })
    step = target
    say("dropping \(step)")
    if attempt({ () throws(HistoryError) in try history.rewind(to: step, journal: journal) }) {
      say("rewound \(step)")
    }
  }

  private func note(_ text: String) {
    let event = RunEvent(time: 2, step: step, level: .info, kind: "note", text: text)
    attempt { () throws(HistoryError) in try history.append(event) }
  }

  /// Returns whether a call succeeded.
  @discardableResult
  private func attempt(_ body: () throws(HistoryError) -> Void) -> Bool {
    do {
      try body()
      return true
    } catch {
      say("failed \(error)")
      return false
    }
  }
}
