import History
import Run
import Wire

/// Where a run is: on this machine, or on another that is reached through its gate.
package enum RunPlace: Sendable, Equatable {
  /// A run of this machine.
  case here(RunDirectory)
  /// A run of another machine. The label is what a user calls it, such as `gpu1:moths`.
  case there(RunEndpoints, label: String)

  /// The name by which a user calls the run.
  package var label: String {
    switch self {
    case .here(let directory): directory.name
    case .there(_, let label): label
    }
  }

  /// The sockets through which the run is reached.
  package var endpoints: RunEndpoints {
    switch self {
    case .here(let directory): RunEndpoints(directory)
    case .there(let endpoints, _): endpoints
    }
  }

  /// The run's folder; `nil` if it is on another machine.
  package var directory: RunDirectory? {
    if case .here(let directory) = self { directory } else { nil }
  }

  /// Whether somebody answers for the run: its daemon, or a gate, which answers for runs that have
  /// ended too.
  package var isAnswered: Bool { directory.map { RunLock.holder(of: $0) != nil } ?? true }

  /// Returns the run as it was recorded: from its database, or else from the gate. `client` names
  /// the one who asks.
  package func record(client: String) throws -> RunRecord {
    switch self {
    case .here(let directory): return try HistoryReader(directory: directory).record()
    case .there(let endpoints, _):
      let reply = try RunClient.request(.snapshot, at: endpoints, client: client)
      guard let snapshot = reply?.snapshot else {
        throw WireError.rejected(reply?.reason ?? "the gate gave no snapshot")
      }
      return RunRecord(snapshot: snapshot)
    }
  }

  /// Returns the pictures of the probe's images; none if they cannot be read.
  package func pictures(client: String) -> [ProbePicture] {
    switch self {
    case .here(let directory):
      return (try? HistoryReader(directory: directory).pictures()) ?? []
    case .there(let endpoints, _):
      let reply = try? RunClient.request(.pictures, at: endpoints, client: client)
      return reply?.pictures?.elements ?? []
    }
  }

  /// Returns the place of another run beside this one.
  func sibling(_ name: String) -> RunPlace {
    switch self {
    case .here(let directory): return .here(directory.sibling(name))
    case .there(var endpoints, let label):
      endpoints.run = name
      let host = label.prefix { $0 != ":" }
      return .there(endpoints, label: "\(host):\(name)")
    }
  }
}

extension RunEndpoints {
  /// The sockets of a run on this machine.
  package init(_ directory: RunDirectory) {
    self.init(feed: directory.feedEndpoint, control: directory.controlEndpoint)
  }
}
