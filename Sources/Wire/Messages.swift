import Run

/// The version of the protocol; `hello` tells a client the daemon's.
package let protocolVersion = 2

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
