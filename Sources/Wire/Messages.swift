import Run

/// The version of the protocol. The reply to `hello` has the daemon's version.
package let protocolVersion = 2

/// The topics of `feed`, which are the first frame of every message.
package enum Topic: String, CaseIterable, Codable, Sendable {
  case step, status, phase, eval, event, journal, plan, heartbeat
}

/// The second frame of every message on `feed`.
///
/// The type of `body` depends on the topic: `Sample`, `RunStatus`, `PhaseStatus`, `ProbeResult`,
/// `RunEvent`, `JournalEntry`, `[PlannedCurve]` (after a live change moved a schedule) or
/// `Heartbeat`.
package struct FeedHeader<Body: Codable & Sendable>: Codable, Sendable {
  /// The message's number in one sequence over all topics. A gap means that messages were missed.
  @Count package var seq: Int
  /// The name of the run.
  package var run: String
  /// The time of sending, in seconds since 1970.
  package var time: Double
  /// The content of the message.
  package var body: Body

  package init(seq: Int, run: String, time: Double, body: Body) {
    self.seq = seq
    self.run = run
    self.time = time
    self.body = body
  }
}

/// A message that the daemon sends after a second without any other, so that viewers can
/// distinguish an idle daemon from a dead one.
package struct Heartbeat: Codable, Sendable, Equatable {
  package var state: RunState
  @Count package var step: Int

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
  case eval(ProbeResult)
  case event(RunEvent)
  case journal(JournalEntry)
  case plan([PlannedCurve])
  case heartbeat(Heartbeat)
}
