import Support
import Wire

/// What a person chose to see of a run, and what they asked of it. A value: the run itself is in
/// its `RunRecord`.
package struct RunViewState: Equatable, Sendable {
  /// How the screen stands to the daemon.
  package enum Link: Equatable, Sendable {
    case connecting
    case live
    /// Nothing was heard since a time, in seconds since 1970.
    case lost(since: Double, reason: String)
    /// There is no daemon: the run is shown from its database.
    case history
  }

  /// What lies over the dashboard and takes the keys.
  package enum Overlay: Equatable, Sendable {
    case help
    case confirmStop
    case set(SetPrompt)
    case phase(PhasePrompt)
    case distil(DistillationPrompt)
  }

  /// A command on its way.
  package struct Pending: Equatable, Sendable {
    package var id: String
    /// `pause`, `set lr to 1e-4`
    package var what: String
    package var accepted = false
  }

  /// A line about what a person did.
  package struct Notice: Equatable, Sendable {
    package var text: String
    package var role: Role
    /// Shown until then, in seconds since 1970.
    package var until: Double
  }

  package var panel = Panel.losses
  /// The selected panel alone, though there is room for all.
  package var isExpanded = false
  /// The last steps that charts show; nil: the whole run.
  package var window: Int?
  package var scale = Axis.Scale.linear
  /// Events between the newest and the last one shown.
  package var logScroll = 0
  package var overlay: Overlay?
  package var link = Link.connecting
  package private(set) var pending: [Pending] = []
  package private(set) var notice: Notice?
  /// The preview that the form of a phase waits for.
  package var previewing: String?

  package init() {}

  /// Says something in the status line for some seconds.
  package mutating func say(_ text: String, _ role: Role, now: Double) {
    notice = Notice(text: text, role: role, until: now + (role == .bad ? 12 : 6))
  }

  /// A command went out.
  package mutating func sent(id: String, _ what: String) {
    pending.append(Pending(id: id, what: what))
  }

  /// An answer came in; those to other clients' commands are passed over.
  package mutating func receive(_ reply: Reply, now: Double) {
    guard let index = pending.firstIndex(where: { $0.id == reply.id }) else { return }
    let what = pending[index].what
    if reply.outcome != .accepted, case .phase(var prompt) = overlay, previewing == reply.id {
      if let preview = reply.preview { prompt.show(preview) }
      if reply.outcome == .rejected { prompt.refuse(reply.reason ?? "no reason given") }
      overlay = .phase(prompt)
      pending.remove(at: index)
      return
    }
    switch reply.outcome {
    case .accepted:
      pending[index].accepted = true
      return
    case .applied, .ok:
      say(
        "✓ \(what): applied" + (reply.step.map { " at step \(Format.count($0))" } ?? ""), .good,
        now: now)
    case .rejected:
      say("✗ \(what): rejected: \(reply.reason ?? "no reason given")", .bad, now: now)
    }
    pending.remove(at: index)
  }

  /// The form of a phase need not wait any longer.
  package mutating func refusePhase(_ reason: String) {
    guard case .phase(var prompt) = overlay else { return }
    prompt.refuse(reason)
    overlay = .phase(prompt)
  }

  /// The daemon is gone and answers nothing more.
  package mutating func forgetPending(_ reason: String, now: Double) {
    guard let first = pending.first else { return }
    refusePhase(reason)
    say("\(first.what): \(reason)", .warn, now: now)
    pending.removeAll()
  }

  /// Another run comes on the screen: how it is looked at stays, what was asked of the last goes.
  package mutating func leaveRun() {
    (link, pending, notice, overlay, logScroll) = (.connecting, [], nil, nil, 0)
  }

  /// Drops a notice whose time is over. Returns whether it did.
  package mutating func expire(now: Double) -> Bool {
    guard let notice, notice.until <= now else { return false }
    self.notice = nil
    return true
  }
}
