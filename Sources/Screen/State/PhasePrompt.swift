import Run

/// The form that chooses or describes another phase, previews it and confirms it.
package struct PhasePrompt: Equatable, Sendable {
  /// A field of the form.
  package enum Field: Int, CaseIterable, Sendable { case phase, size, steps, factor }

  /// The stage that the form is in.
  package enum Stage: Equatable, Sendable {
    case editing
    /// Waiting for a preview. The daemon may run a trial step first.
    case asking
    case shown(PhasePreview)
    /// The daemon rejected the change, for this reason.
    case refused(String)
  }

  /// The result of handling a key.
  package enum Outcome: Equatable, Sendable {
    case open
    case cancelled
    case preview(Change)
    case confirmed(Change)
  }

  /// The choice to return to the state before the current phase.
  package static let back = "back"

  /// The choices: the planned phases, `nil` for a new phase, and `back`.
  package let choices: [String?]
  /// The current choice.
  package private(set) var choice: String?
  /// The selected field.
  package private(set) var field = Field.phase
  /// The text of the fields: the side of the global crops, the steps, and the factor on the
  /// learning rate.
  package private(set) var size = ""
  package private(set) var steps = ""
  package private(set) var factor = ""
  /// The current stage.
  package private(set) var stage = Stage.editing

  /// Creates a form for a run. The next planned phase is chosen, if there is one.
  package init(_ status: RunStatus) {
    let planned = (status.phases ?? []).filter { $0.index > status.phase.index }.map(\.name)
    choices = planned + [nil] + (status.phase.index > 0 ? [Self.back] : [])
    choice = choices[0]
  }

  /// The requested change, or an error that says what is missing.
  package var request: Result<Change, PhasePromptError> {
    if choice == Self.back { return .success(.back) }
    var request = PhaseRequest(to: choice)
    for (text, path, name) in [
      (size, \PhaseRequest.globalCropsSize, "the size"), (steps, \.steps, "steps"),
    ] where !text.isEmpty {
      guard let number = Int(text), number > 0 else {
        return .failure(PhasePromptError("\(name): '\(text)' is not a whole number above 0"))
      }
      request[keyPath: path] = number
    }
    if !factor.isEmpty {
      guard let number = Double(factor), number.isFinite, number > 0 else {
        return .failure(PhasePromptError("'\(factor)' is not a number above 0"))
      }
      request.baseLrFactor = number
    }
    if choice == nil, request.globalCropsSize == nil || request.steps == nil {
      return .failure(PhasePromptError("give the size of the global crops and the steps"))
    }
    return .success(.phase(request))
  }

  /// Handles a key.
  package mutating func handle(_ key: Key) -> Outcome {
    switch stage {
    case .editing, .refused: return edit(key)
    case .asking: return key == .escape || key == .interrupt ? .cancelled : .open
    case .shown(let preview):
      if key == .enter || key == .character("y"), preview.refusal == nil,
        case .success(let request) = request
      {
        return .confirmed(request)
      }
      if key == .interrupt { return .cancelled }
      stage = .editing
      return .open
    }
  }

  /// Shows the daemon's preview, if the form is waiting for it.
  package mutating func show(_ preview: PhasePreview) {
    if stage == .asking { stage = .shown(preview) }
  }

  /// Shows the reason for a rejection, if the form is waiting for a preview.
  package mutating func refuse(_ reason: String) {
    if stage == .asking { stage = .refused(reason) }
  }

  private mutating func edit(_ key: Key) -> Outcome {
    stage = .editing
    switch (key, field) {
    case (.escape, _), (.interrupt, _): return .cancelled
    case (.enter, _):
      guard case .success(let request) = request else {
        field = field == .phase ? .size : field
        return .open
      }
      stage = .asking
      return .preview(request)
    case (.tab, _), (.down, _): move(1)
    case (.backTab, _), (.up, _): move(-1)
    case (.left, .phase): choose(-1)
    case (.right, .phase), (.character(" "), .phase): choose(1)
    case (.backspace, let field): change(field) { if !$0.isEmpty { $0.removeLast() } }
    case (.character(let character), let field):
      guard "0123456789.e-".contains(character) else { break }
      change(field) { if $0.count < 12 { $0.append(character) } }
    default: break
    }
    return .open
  }

  private mutating func move(_ distance: Int) {
    let count = Field.allCases.count
    field = Field.allCases[(field.rawValue + distance + count) % count]
  }

  private mutating func choose(_ distance: Int) {
    let index = choices.firstIndex(of: choice) ?? 0
    choice = choices[(index + distance + choices.count) % choices.count]
  }

  private mutating func change(_ field: Field, _ body: (inout String) -> Void) {
    switch field {
    case .phase: break
    case .size: body(&size)
    case .steps: body(&steps)
    case .factor: body(&factor)
    }
  }
}

/// An error in the form, described in one line.
package struct PhasePromptError: Error, Equatable, CustomStringConvertible {
  /// The description shown in the form.
  package let description: String
  init(_ description: String) { self.description = description }
}
