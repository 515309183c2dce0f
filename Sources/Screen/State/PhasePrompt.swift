import Run

/// The form in which another phase is chosen or described, looked at and accepted.
package struct PhasePrompt: Equatable, Sendable {
  package enum Field: Int, CaseIterable, Sendable { case phase, size, steps, factor }

  /// Where the form stands.
  package enum Stage: Equatable, Sendable {
    case editing
    /// Waits for a preview; a trial step may take its time.
    case asking
    case shown(PhasePreview)
    /// The daemon's reason why it cannot be.
    case refused(String)
  }

  /// What a key did to the form.
  package enum Outcome: Equatable, Sendable {
    case open
    case cancelled
    case preview(Change)
    case confirmed(Change)
  }

  /// The choice that goes back before the present phase.
  package static let back = "back"

  /// What can be chosen: phases that are planned, one of its own (nil), `back`.
  package let choices: [String?]
  package private(set) var choice: String?
  package private(set) var field = Field.phase
  package private(set) var size = ""
  package private(set) var steps = ""
  package private(set) var factor = ""
  package private(set) var stage = Stage.editing

  package init(_ status: RunStatus) {
    let planned = (status.phases ?? []).filter { $0.index > status.phase.index }.map(\.name)
    choices = planned + [nil] + (status.phase.index > 0 ? [Self.back] : [])
    choice = choices[0]
  }

  /// The phase that is asked for, or why there is none yet.
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

  /// The daemon's answer to a preview.
  package mutating func show(_ preview: PhasePreview) {
    if stage == .asking { stage = .shown(preview) }
  }

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

/// What is missing in the form, in one line.
package struct PhasePromptError: Error, Equatable, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}
