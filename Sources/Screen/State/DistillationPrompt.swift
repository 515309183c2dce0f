/// What `dino distill` is asked for.
package struct DistillationRequest: Equatable, Sendable {
  /// `vit_small`, or several with commas; empty: as the recipe has it.
  package var arch = ""
  /// A recipe's file; empty: the parent's recipe.
  package var recipe = ""
  /// The new run's name; empty: of parent and students.
  package var name = ""
  package var pausesParent = false

  package init() {}

  /// The words of the command line that begins it.
  package func words(parent: String, runs: String) -> [String] {
    var words = ["distill", parent, "--dir", runs]
    for (option, value) in [("--arch", arch), ("--recipe", recipe), ("--name", name)]
    where !value.isEmpty {
      words += [option, value]
    }
    return words + (pausesParent ? ["--pause-parent"] : [])
  }
}

/// The form in which a distillation is described and begun.
package struct DistillationPrompt: Equatable, Sendable {
  package enum Field: Int, CaseIterable, Sendable { case arch, recipe, name, parent }

  /// Where the form stands.
  package enum Stage: Equatable, Sendable {
    case editing
    /// The new run is being started.
    case starting
    /// Why it could not be.
    case refused(String)
  }

  /// What a key did to the form.
  package enum Outcome: Equatable, Sendable {
    case open
    case cancelled
    case confirmed(DistillationRequest)
  }

  package private(set) var field = Field.arch
  package private(set) var request = DistillationRequest()
  package private(set) var stage = Stage.editing

  package init() { request.arch = "vit_small" }

  package mutating func handle(_ key: Key) -> Outcome {
    // What has begun goes on; its run is there either way.
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

  /// What is missing; nil: nothing that can be seen from here.
  package var problem: String? {
    request.arch.isEmpty && request.recipe.isEmpty
      ? "name the students, or a recipe that describes them" : nil
  }

  /// What `dino distill` said when it could not begin the run.
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
