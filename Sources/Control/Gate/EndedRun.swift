import FoundationEssentials
import History
import Run
import Support
import Wire

/// A run that no daemon trains, as the gate shows it: what its database holds, with a heartbeat.
struct EndedRun {
  private let directory: RunDirectory
  private var sequence = 0

  init(_ directory: RunDirectory) { self.directory = directory }

  /// Returns the next heartbeat for those who follow the run.
  mutating func beat() -> [Data]? {
    guard let status = try? HistoryReader(directory: directory).lastStatus() else { return nil }
    sequence += 1
    var frames = FeedCoding.encode(
      .heartbeat(Heartbeat(state: ended(status).state, step: status.step)), seq: sequence,
      run: directory.name, time: Clock.wall())
    frames[0] = Data((directory.name + "/").utf8) + frames[0]
    return frames
  }

  /// Answers a command. Only questions about what was recorded can be answered.
  func reply(to command: Command) -> Reply {
    do {
      switch command.request {
      case .status:
        let status = try HistoryReader(directory: directory).lastStatus()
        return Reply(id: command.id, outcome: .ok, status: ended(status))
      case .snapshot:
        var record = try HistoryReader(directory: directory).record()
        record.set(ended(record.status))
        return Reply(
          id: command.id, outcome: .ok, record, sequence: sequence, scope: command.scope)
      default:
        return Reply(
          id: command.id, outcome: .rejected,
          reason: "\(directory.name) is not being trained; on its machine, resume it with: "
            + "dino start \(directory.name)")
      }
    } catch {
      return Reply(id: command.id, outcome: .rejected, reason: "\(error)")
    }
  }

  /// Returns a status that says that nobody trains the run. A daemon that was killed left another.
  private func ended(_ status: RunStatus) -> RunStatus {
    guard status.state.isAlive else { return status }
    var status = status
    status.state = .failed
    status.message = RunSummary.interruption(of: status.name)
    return status
  }
}
