import Run
import Support
import Wire

/// The state of the dashboard: what the user selected and requested. It is a value; the run's data
/// is in its `RunRecord`.
package struct RunViewState: Equatable, Sendable {
  /// The state of the connection to the daemon.
  package enum Link: Equatable, Sendable {
    case connecting
    case live
    /// Nothing has been received since this time, in seconds since 1970.
    case lost(since: Double, reason: String)
    /// There is no daemon. The run is shown from its database.
    case history
  }

  /// A window over the dashboard that receives the keys.
  package enum Overlay: Equatable, Sendable {
    case help
    /// What a panel without figures shows.
    case explanation(Panel)
    /// Asks whether to make a change that cannot be taken back.
    case confirm(Change)
    case set(SetPrompt)
    case phase(PhasePrompt)
    case distil(DistillationPrompt)
    case figures(FigureBrowser)
    case command(CommandPrompt)
    /// The list of all runs, in place of the dashboard.
    case runs(RunList)
    /// A text to look for in events and changes.
    case search(SearchText)
    /// Asks whether to take back a change, or several that were made together.
    case undo([JournalEntry], Change)
  }

  /// A command whose final reply is outstanding.
  package struct Pending: Equatable, Sendable {
    /// The command's identifier, which its replies repeat.
    package var id: String
    /// A description of the command, such as `pause` or `set lr to 1e-4`.
    package var what: String
    /// Whether the daemon has accepted the command.
    package var accepted = false
  }

  /// A message in the status line about a user's command.
  package struct Notice: Equatable, Sendable {
    /// The message.
    package var text: String
    /// The role that determines its colour.
    package var role: Role
    /// The time until which it is shown, in seconds since 1970.
    package var until: Double
  }

  /// The selected panel.
  package var panel = Panel.losses
  /// Whether only the selected panel is shown although all would fit.
  package var isExpanded = false
  /// The number of last steps that charts show, or `nil` for the whole run.
  package var window: Int?
  /// The step at which all panels show their values; `nil` for the newest.
  package var cursor: Int?
  /// Whether each loss has a chart and an axis of its own.
  package var isSplit = false
  /// The lines that were entered as commands, oldest first.
  package var commands: [String] = []
  /// What the panel of pictures shows.
  package var pictures = PictureView.components
  /// The scale of the loss chart.
  package var scale = Axis.Scale.linear
  /// The weight of the past in smoothed curves; 0 for none.
  package var smoothing = 0.0
  /// The steps of the checkpoints that there are, and the one that is selected; `nil` for the newest.
  package var checkpointSteps: [Int] = []
  package internal(set) var checkpoint: Int?
  /// All runs that can be shown; `nil` until they have been read.
  package var runs: [RunRow]?
  /// The names of the runs whose curves are laid over this one's.
  package var overlaid: [String: RunPlace] = [:]
  /// What the user calls the run that is shown.
  package var label: String?
  /// The text that events and changes must have to be shown; empty for all.
  package var filter = ""
  /// Whether the cursor moves on by itself.
  package var isPlaying = false
  /// The number of events, or of changes, after the last one shown.
  package var logScroll = 0
  /// The window over the dashboard, or `nil` if there is none.
  package var overlay: Overlay?
  /// The state of the connection.
  package var link = Link.connecting
  /// The commands whose final replies are outstanding, oldest first.
  package private(set) var pending: [Pending] = []
  /// The message in the status line, or `nil`.
  package private(set) var notice: Notice?
  /// The identifier of the preview that the phase form is waiting for.
  package var previewing: String?
  /// What the change that is being typed would do.
  package internal(set) var expectation: Expectation? {
    // What nobody waits for any more is no outstanding command.
    didSet { if let id = oldValue?.id, expectation?.id != id { pending.removeAll { $0.id == id } } }
  }

  /// Creates the initial state: connecting, with the losses selected.
  package init() {}

  /// Shows a message in the status line for 6 seconds, or for 12 if its role is `bad`.
  package mutating func say(_ text: String, _ role: Role, now: Double) {
    notice = Notice(text: text, role: role, until: now + (role == .bad ? 12 : 6))
  }

  /// Records that a command was sent.
  package mutating func sent(id: String, _ what: String) {
    pending.append(Pending(id: id, what: what))
  }

  /// Handles a reply. Replies to other clients' commands are ignored.
  package mutating func receive(_ reply: Reply, now: Double) {
    guard let index = pending.firstIndex(where: { $0.id == reply.id }) else { return }
    let what = pending[index].what
    if reply.outcome != .accepted, previewing == reply.id {
      pending.remove(at: index)
      takePreview(reply)
      return
    }
    if expectation?.id == reply.id {
      if reply.outcome == .accepted { return }
      pending.remove(at: index)
      expectation?.wasRejected = reply.expected == nil
      expectation?.answer =
        reply.expected ?? ChangePreview(first: 0, refusal: reply.reason ?? "no reason given")
      return
    }
    switch reply.outcome {
    case .accepted:
      pending[index].accepted = true
      return
    case .applied, .ok:
      let step = reply.step.map { " at step \(Format.count($0))" } ?? ""
      let note = reply.reason.map { "; \($0)" } ?? ""
      say("✓ \(what): applied\(step)\(note)", note.isEmpty ? .good : .warn, now: now)
    case .rejected:
      say("✗ \(what): rejected: \(reply.reason ?? "no reason given")", .bad, now: now)
    }
    pending.remove(at: index)
  }

  private mutating func takePreview(_ reply: Reply) {
    guard case .phase(var prompt) = overlay else { return }
    if let preview = reply.preview { prompt.show(preview) }
    if reply.outcome == .rejected { prompt.refuse(reply.reason ?? "no reason given") }
    overlay = .phase(prompt)
  }

  /// Shows in the phase form, if it is open, why its preview was not made.
  package mutating func refusePhase(_ reason: String) {
    guard case .phase(var prompt) = overlay else { return }
    prompt.refuse(reason)
    overlay = .phase(prompt)
  }

  /// Drops all outstanding commands, since the daemon will not reply to them any more.
  package mutating func forgetPending(_ reason: String, now: Double) {
    expectation = nil
    guard let first = pending.first else { return }
    refusePhase(reason)
    say("\(first.what): \(reason)", .warn, now: now)
    pending.removeAll()
  }

  /// Prepares for another run. Display settings are kept; everything about the last run is reset.
  package mutating func leaveRun() {
    (link, pending, notice, overlay, logScroll) = (.connecting, [], nil, nil, 0)
    (cursor, isPlaying, filter, expectation) = (nil, false, "", nil)
    (checkpointSteps, checkpoint) = ([], nil)
  }

  /// Removes a notice that has expired. Returns whether it did.
  package mutating func expire(now: Double) -> Bool {
    guard let notice, notice.until <= now else { return false }
    self.notice = nil
    return true
  }
}
