/// The arguments of `dino distill`.
package struct DistillationRequest: Equatable, Sendable {
  /// One or more architectures, separated by commas, such as `vit_small`. Empty if the recipe gives
  /// it.
  package var arch = ""
  /// A recipe file. Empty for the parent's recipe.
  package var recipe = ""
  /// The name of the new run. Empty for a name made from the parent's and the students'.
  package var name = ""
  /// Whether the parent run is paused once the new run has started.
  package var pausesParent = false

  /// Creates a request whose fields are empty.
  package init() {}

  /// Returns the arguments of the command that starts the distillation.
  package func words(parent: String, runs: String) -> [String] {
    var words = ["distill", parent, "--dir", runs]
    for (option, value) in [("--arch", arch), ("--recipe", recipe), ("--name", name)]
    where !value.isEmpty {
      words += [option, value]
    }
    return words + (pausesParent ? ["--pause-parent"] : [])
  }
}

/// The form that describes and starts a distillation.
package struct DistillationPrompt: Equatable, Sendable {
  /// A field of the form. `parent` chooses whether the parent run is paused.
  package enum Field: Int, CaseIterable, Sendable { case arch, recipe, name, parent }

  /// The stage that the form is in.
  package enum Stage: Equatable, Sendable {
    case editing
    /// The new run is being started.
    case starting
    /// The run could not be started, for this reason.
    case refused(String)
  }

  /// The result of handling a key.
  package enum Outcome: Equatable, Sendable {
    case open
    case cancelled
    case confirmed(DistillationRequest)
  }

  /// The selected field.
  package private(set) var field = Field.arch
  /// The values of the fields.
  package private(set) var request = DistillationRequest()
  /// The current stage.
  package private(set) var stage = Stage.editing

  /// Creates a form that is filled in for one `vit_small` student.
  package init() { request.arch = "vit_small" }

  /// Handles a key.
  package mutating func handle(_ key: Key) -> Outcome {
    // The start cannot be undone: closing the form does not stop the new run.
    if stage == .starting { return key == .escape || key == .interrupt ? .cancelled : .open }
    if stage != .editing { stage = .editing }
    switch (key, field) {
    case (.escape, _), (.interrupt, _): return .cancelled
    case (.enter, _):
      guard problem == nil else { return .open }
      stage = .starting
      return .confirmed(request)
    case (.tab, _), (.down, _): move(1)
    case (.backTab, _), (.up, _): move(-1)
    case (.left, .parent), (.right, .parent), (.character(" "), .parent):
      request.pausesParent.toggle()
    case (.backspace, _): edit { if !$0.isEmpty { $0.removeLast() } }
    case (.character(let character), _):
      guard character.isASCII, character != " " else { break }
      edit { if $0.count < 200 { $0.append(character) } }
    default: break
    }
    return .open
  }

  /// What is missing in the form, or `nil` if nothing is. `dino distill` checks the rest.
  package var problem: String? {
    request.arch.isEmpty && request.recipe.isEmpty
      ? "name the students, or a recipe that describes them" : nil
  }

  /// Shows the error of `dino distill`, if the form is waiting for it.
  package mutating func refuse(_ reason: String) {
    if stage == .starting { stage = .refused(reason) }
  }

  private mutating func move(_ distance: Int) {
    let count = Field.allCases.count
    field = Field.allCases[(field.rawValue + distance + count) % count]
  }

  private mutating func edit(_ body: (inout String) -> Void) {
    switch field {
    case .arch: body(&request.arch)
    case .recipe: body(&request.recipe)
    case .name: body(&request.name)
    case .parent: break
    }
  }
}
