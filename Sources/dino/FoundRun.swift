import CommandKit
import Control
import History
import Run
import Screen
import Support
import Wire

/// A run that a command is about.
struct FoundRun {
  let place: RunPlace
  /// Whether the run is being trained, as far as is known.
  let isTraining: Bool

  /// Takes a run of this machine.
  init(_ directory: RunDirectory) {
    place = .here(directory)
    isTraining = place.isAnswered
  }

  /// Takes a run of another machine.
  init(_ name: String, on host: Host, own: CurveKeyPair, isTraining: Bool) {
    place = .there(host.endpoints(run: name, own: own), label: "\(host.name):\(name)")
    self.isTraining = isTraining
  }

  /// What the user calls the run.
  var name: String { place.label }

  /// Returns the run's folder. Throws if the run is on another machine, where only the command that is
  /// named can read it.
  func directory(for command: String) throws(Failure) -> RunDirectory {
    if let directory = place.directory { return directory }
    throw Failure("\(command) reads the run's folder; run it on the machine of \(name)")
  }

  /// The time of the last write to the run's database, in seconds since 1970; 0 if it is unknown.
  var modified: Double {
    place.directory.flatMap { try? FileSystem.status($0.database) }?.modified ?? 0
  }

  /// Returns what the dashboard draws of a record of the run.
  func view(_ record: RunRecord, _ state: RunViewState) -> RunView {
    var state = state
    state.link = isTraining ? .live : .history
    var view = RunView(record: record, state: state, now: Clock.wall())
    view.label = name
    if view.state.panel == .checkpoints {
      view.checkpoints = try? CheckpointList.rows(at: place)
    }
    if view.state.panel == .pictures {
      view.pictures = place.pictures(client: ClientName.of("dino shot"))
    }
    return view
  }

  /// Returns the run's record from its daemon, or else from its database.
  func record() throws -> RunRecord {
    let client = ClientName.of("dino status")
    if case .here = place, isTraining,
      let reply = try? RunClient.request(
        .snapshot, at: place.endpoints, client: client, timeout: 3),
      let snapshot = reply.snapshot
    {
      return RunRecord(snapshot: snapshot)
    }
    return try place.record(client: client)
  }
}
