import Run
import Support
import Wire

/// What the screen shows that is not on the feed of its run: the list of all runs, the runs whose curves are
/// laid over, and the checkpoints.
///
/// Threads read it now and then while it is on the screen, so that a machine that does not answer holds up
/// nothing. Must be used by one thread.
final class Surroundings {
  /// All runs; `nil` until they have been read.
  private(set) var runs: [RunRow]?
  /// The runs that are laid over, by name. One that cannot be read stays as it was.
  private(set) var others: [(name: String, record: RunRecord)] = []
  /// The checkpoints of the run on the screen; `nil` if they cannot be listed, or have not been read.
  private(set) var checkpoints: [CheckpointFacts]?

  private let listCheckpoints: @Sendable (RunPlace) -> [CheckpointFacts]?
  private var list: Reading<[RunRow]>
  private var overlaid = Reading<[(String, RunRecord)]>(every: 10) { [] }
  private var hasOverlaid = false
  private var facts: (place: RunPlace, reading: Reading<[CheckpointFacts]?>)?

  /// - Parameters:
  ///   - list: lists all runs.
  ///   - checkpoints: lists the checkpoints of a run; `nil` if that is impossible.
  init(
    list: @escaping @Sendable () -> [RunRow],
    checkpoints: @escaping @Sendable (RunPlace) -> [CheckpointFacts]?
  ) {
    self.list = Reading(every: 3, list)
    listCheckpoints = checkpoints
  }

  /// Lays other runs over the one on the screen.
  func layOver(_ places: [RunPlace]) {
    others = []
    hasOverlaid = !places.isEmpty
    overlaid = Reading(every: 10) {
      let client = ClientName.of("dino attach")
      return places.compactMap { place in
        (try? place.record(client: client)).map { (place.label, $0) }
      }
    }
  }

  /// Whether something is being read.
  var isReading: Bool {
    list.isBusy || overlaid.isBusy || facts?.reading.isBusy == true
  }

  /// Begins to read what is on the screen and due, and takes what has been read. Returns whether something
  /// is new.
  func poll(_ place: RunPlace, _ state: RunViewState, now: Double) -> Bool {
    let isListed = if case .runs = state.overlay { true } else { false }
    var isNew = false
    if let found = list.poll(isWanted: isListed, now: now) { (runs, isNew) = (found, true) }
    if let found = overlaid.poll(isWanted: hasOverlaid, now: now) {
      for (name, record) in found {
        others.removeAll { $0.name == name }
        others.append((name, record))
      }
      isNew = true
    }
    if facts?.place != place {
      let listed = listCheckpoints
      facts = (place, Reading(every: 10) { listed(place) })
      checkpoints = nil
    }
    if let found = facts?.reading.poll(isWanted: state.panel == .checkpoints, now: now) {
      (checkpoints, isNew) = (found, true)
    }
    return isNew
  }
}

/// Something that a thread reads again and again while it is wanted.
private struct Reading<Value: Sendable> {
  private let value: Background<Value>
  private let interval: Double
  private var next = 0.0

  init(every interval: Double, _ read: @escaping @Sendable () -> Value) {
    self.interval = interval
    value = Background(read)
  }

  var isBusy: Bool { value.isBusy }

  /// Begins to read if that is wanted and due. Returns what has been read since the last call.
  mutating func poll(isWanted: Bool, now: Double) -> Value? {
    if !isWanted {
      next = 0
    } else if now >= next {
      next = now + interval
      value.refresh()
    }
    return value.take()
  }
}
