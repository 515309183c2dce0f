/// A change that was made to a run: who asked for what, when, and what came of it.
package struct JournalEntry: Sendable, Equatable {
  /// The request's id; a second one with the same id is not carried out again.
  package var id: String
  package var time: Double
  /// The step that is the first to feel it.
  package var step: Int
  /// Who asked: `dino set (anna@workstation)`; `recipe` for a phase that began as planned.
  package var client: String
  package var change: Change
  /// What a resumed run cannot compute again from recipe and journal; nil where there is nothing.
  package var effect: ChangeEffect?

  package init(
    id: String, time: Double, step: Int, client: String, change: Change,
    effect: ChangeEffect? = nil
  ) {
    self.id = id
    self.time = time
    self.step = step
    self.client = client
    self.change = change
    self.effect = effect
  }
}

extension JournalEntry {
  /// The client in entries that the run made of itself, which no client of the wire may call itself.
  package static let reservedClient = "recipe"

  /// Whether it tells that a phase of the recipe began as planned, which changes nothing.
  package var isPlanned: Bool { client == Self.reservedClient }

  /// The schedule that it set; nil where it is another kind of change.
  package var scheduleSet: Metric? { if case .set(let set) = change { set.metric } else { nil } }

  /// Whether a phase began with it.
  package var beginsPhase: Bool { if case .phase = change { true } else { false } }
}

/// What a change made of a run, as the journal keeps it.
package enum ChangeEffect: Sendable, Equatable {
  /// Of `set`: the value that the schedule starts from.
  case from(Double)
  /// Of `phase`: the phase that began and those after it, in full, as one line of YAML.
  case phases(String)
  /// Of `back`: the id of the entry whose phase it undoes.
  case undoes(String)
}

extension JournalEntry: Codable {
  private enum CodingKeys: String, CodingKey { case id, time, step, client, effect }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      id: try fields.decode(String.self, forKey: .id),
      time: try fields.decode(Double.self, forKey: .time),
      step: try fields.decode(Int.self, forKey: .step),
      client: try fields.decode(String.self, forKey: .client), change: try Change(from: decoder),
      effect: try fields.decodeIfPresent(ChangeEffect.self, forKey: .effect))
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(id, forKey: .id)
    try fields.encode(time, forKey: .time)
    try fields.encode(step, forKey: .step)
    try fields.encode(client, forKey: .client)
    try change.encode(to: encoder)
    try fields.encodeIfPresent(effect, forKey: .effect)
  }
}

extension ChangeEffect: Codable {
  private enum CodingKeys: String, CodingKey { case from, phases, undoes }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    if let value = try fields.decodeIfPresent(Double.self, forKey: .from) {
      self = .from(value)
    } else if let phases = try fields.decodeIfPresent(String.self, forKey: .phases) {
      self = .phases(phases)
    } else {
      self = .undoes(try fields.decode(String.self, forKey: .undoes))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .from(let value): try fields.encode(value, forKey: .from)
    case .phases(let phases): try fields.encode(phases, forKey: .phases)
    case .undoes(let id): try fields.encode(id, forKey: .undoes)
    }
  }
}
