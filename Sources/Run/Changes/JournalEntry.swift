/// A change that was made to a run, with its client, its time and its effect.
package struct JournalEntry: Sendable, Equatable {
  /// The id of the request. A second request with this id is not carried out.
  package var id: String
  /// When the change was made, in seconds since 1970.
  package var time: Double
  /// The first step that the change affects.
  package var step: Int
  /// The client that asked, such as `dino set (anna@workstation)`; `reservedClient` for a phase
  /// that began as planned.
  package var client: String
  /// The change that was made.
  package var change: Change
  /// What a resumed run needs besides the recipe and the change itself; `nil` if nothing.
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
  /// The client of phases that begin as the recipe plans.
  package static let reservedClient = "recipe"
  /// The client of changes that the run's guard asks for.
  package static let guardClient = "guard"
  /// The names that clients on the wire may not use.
  package static let reservedClients: Set = [reservedClient, guardClient]

  /// Whether the entry records that a phase of the recipe began as planned, which changes nothing.
  package var isPlanned: Bool { client == Self.reservedClient }

  /// How the change moved a schedule; `nil` if it moved none.
  package var set: SetSchedule? {
    switch change {
    case .set(let set): set
    case .rewind(let rewind): rewind.set
    default: nil
    }
  }

  /// The schedule that the change moved; `nil` for other kinds of change.
  package var scheduleSet: Metric? { self.set?.metric }

  /// Whether the run went back to a checkpoint of its phase.
  package var isRewind: Bool { if case .rewind = change { true } else { false } }

  /// Whether the run went back to the step before the entry's, and computed the steps from there on
  /// again.
  package var isRewound: Bool {
    isRewind || change == .back
  }

  /// Whether the change began a phase.
  package var beginsPhase: Bool { if case .phase = change { true } else { false } }
}

/// The effect of a change, as the journal keeps it.
package enum ChangeEffect: Sendable, Equatable {
  /// For `set`, and a `rewind` with one: the value from which the schedule moves.
  case from(Double)
  /// For `phase`: the full definitions of the phase that began and of all later phases, as one
  /// line of YAML.
  case phases(String)
  /// For `back`: the id of the entry whose phase it undoes.
  case undoes(String)
}

extension JournalEntry: Codable {
  private enum CodingKeys: String, CodingKey { case id, time, step, client, effect }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      id: try fields.decode(String.self, forKey: .id),
      time: try fields.decode(Double.self, forKey: .time),
      step: try fields.decode(Count.self, forKey: .step).wrappedValue,
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
