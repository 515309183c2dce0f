import Run

/// The version of the protocol; `hello` tells a client the daemon's.
package let protocolVersion = 1

/// What the daemon publishes on `feed`: the first frame of every message.
package enum Topic: String, CaseIterable, Codable, Sendable {
  case step, status, phase, eval, event, journal, plan, heartbeat
}

/// The second frame of every message on `feed`.
///
/// `body` is, by topic: `Sample`, `RunStatus`, `PhaseStatus`, `Evaluation`, `RunEvent`,
/// `JournalEntry`, `[PlannedCurve]` (published when a live change moved a schedule), `Heartbeat`.
package struct FeedHeader<Body: Codable & Sendable>: Codable, Sendable {
  /// One sequence over all that is published: a hole means that something was missed.
  package var seq: Int
  package var run: String
  package var time: Double
  package var body: Body

  package init(seq: Int, run: String, time: Double, body: Body) {
    self.seq = seq
    self.run = run
    self.time = time
    self.body = body
  }
}

/// Sent every second while nothing else is, so that a viewer can tell a silent run from a dead one.
package struct Heartbeat: Codable, Sendable, Equatable {
  package var state: RunState
  package var step: Int

  package init(state: RunState, step: Int) {
    self.state = state
    self.step = step
  }
}

/// One message of `feed`, decoded.
package enum FeedMessage: Sendable, Equatable {
  case step(Sample)
  case status(RunStatus)
  case phase(PhaseStatus)
  case eval(Evaluation)
  case event(RunEvent)
  case journal(JournalEntry)
  case plan([PlannedCurve])
  case heartbeat(Heartbeat)
}

/// What a client asks of the daemon on `control`: one JSON frame.
package struct Command: Codable, Sendable, Equatable {
  /// What is asked. `hello`, `snapshot` and `status` are answered at once; the others are taken
  /// between two steps and, but for `preview`, written to the journal.
  package enum Verb: String, CaseIterable, Codable, Sendable {
    case hello, snapshot, status, pause, resume, checkpoint, stop, set, phase, preview
  }

  /// The protocol version of the client.
  package var v: Int
  /// Chosen by the client, unique; the same id is never carried out twice.
  package var id: String
  /// Who asks: `dino attach (anna@workstation)`.
  package var client: String
  package var command: Verb
  /// For `set`: which schedule, its new value (nil: back to the recipe's own schedule), and over
  /// how many steps to go there (nil or 0: at once).
  package var key: String?
  package var value: Double?
  package var over: Int?
  /// For `phase` and `preview`.
  package var phase: PhaseRequest?

  package init(
    v: Int = protocolVersion, id: String, client: String, command: Verb, key: String? = nil,
    value: Double? = nil, over: Int? = nil, phase: PhaseRequest? = nil
  ) {
    self.v = v
    self.id = id
    self.client = client
    self.command = command
    self.key = key
    self.value = value
    self.over = over
    self.phase = phase
  }
}

/// What the daemon answers on `control`: `ok` or `rejected`; or `accepted` and later, in a message
/// of its own with the same id, `applied` (or `rejected`, where it turned out not to be possible).
package struct Reply: Codable, Sendable, Equatable {
  package enum Outcome: String, Codable, Sendable { case ok, rejected, accepted, applied }

  package var id: String
  package var outcome: Outcome
  /// Why it was rejected, in one line that says how to do it right.
  package var reason: String?
  /// For `applied`: the first step that feels it.
  package var step: Int?
  /// For `hello`: the daemon's protocol version and the run's name.
  package var version: Int?
  package var run: String?
  /// For `snapshot` and `status`.
  package var snapshot: Snapshot?
  package var status: RunStatus?
  /// For `preview`, which is `accepted` first.
  package var preview: PhasePreview?

  package init(
    id: String, outcome: Outcome, reason: String? = nil, step: Int? = nil, version: Int? = nil,
    run: String? = nil, snapshot: Snapshot? = nil, status: RunStatus? = nil,
    preview: PhasePreview? = nil
  ) {
    self.id = id
    self.outcome = outcome
    self.reason = reason
    self.step = step
    self.version = version
    self.run = run
    self.snapshot = snapshot
    self.status = status
    self.preview = preview
  }
}
