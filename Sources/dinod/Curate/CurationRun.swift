import Curation
import History
import Run
import Support
import Synchronization
import Wire

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// A curation as viewers see it: a run whose phases are its stages. It shows the progress on the
/// terminal, publishes it, keeps its history in the pool, and takes commands. The curation's thread
/// owns it.
final class CurationRun: CurationObserver {
  private let pool: Pool
  private let stages: [StageName]
  private let progress = CurationProgress()
  private let requests = RequestQueue()
  private var server: RunServer?
  private var history: HistoryWriter?
  private var status: RunStatus
  /// The things that were looked at before the present piece of work.
  private var before = 0
  private var lastSample = 0
  /// When the present piece of work began, and when was last told how far it is, on the monotonic
  /// clock.
  private var began = 0.0
  private var told = 0.0
  private var toldStep = 0
  private var isStopping = false
  private var countImages: () -> Int? = { nil }

  /// Seconds between two samples.
  private static let interval = 1.0

  init(_ pool: Pool, stages: [StageName]) {
    (self.pool, self.stages) = (pool, stages)
    status = RunStatus(
      name: pool.name, state: .starting, step: 0, steps: 0,
      phase: Self.phase(stages, 0, step: 0, steps: 0), timeLeft: nil, startedAt: Clock.wall(),
      pid: getpid(), arch: "", parameters: 0, data: "images", images: 0, imagesPerStep: 1,
      runDirectory: pool.path, kind: .curation)
    status.phases = stages.indices.map { Self.phase(stages, $0, step: 0, steps: 0) }
  }

  private static func phase(
    _ stages: [StageName], _ index: Int, step: Int, steps: Int
  ) -> PhaseStatus {
    PhaseStatus(
      name: stages.indices.contains(index) ? stages[index].rawValue : "", index: index,
      count: stages.count, step: step, steps: steps, globalCropsSize: 0, localCropsSize: 0)
  }

  /// Opens the history and the sockets. Call it while the pool's lock is held. What fails is told, and
  /// the curation goes on without it.
  ///
  /// - Parameter images: counts the images of the pool.
  func open(images: @escaping () -> Int?) {
    countImages = images
    status.images = images() ?? 0
    let directory = RunDirectory(name: pool.name, parent: FilePath.parent(of: pool.path))
    do {
      var record = RunRecord(status: status)
      // The log goes on where that of the last curation of this pool ended.
      if let earlier = try? HistoryReader(directory: directory).record() {
        for event in earlier.events { record.append(event) }
      }
      history = try HistoryWriter(directory: directory)
      server = try RunServer(
        endpoints: RunEndpoints(
          feed: directory.feedEndpoint, control: directory.controlEndpoint),
        record: record, handler: { [requests] in requests.take($0) })
    } catch {
      tell("dino attach cannot show this curation: \(error)")
    }
    publish(.running)
  }

  /// Notes how the curation ended, and closes what was opened.
  func end(_ state: RunState, _ message: String? = nil) {
    progress.end()
    status.message = message
    status.timeLeft = nil
    if state == .finished {
      let all = max(status.phase.steps, 1)
      status.phase = Self.phase(stages, max(0, stages.count - 1), step: all, steps: all)
      server?.publish(.phase(status.phase))
    }
    if let message { log(.error, "end", message) }
    for request in requests.all() {
      server?.answer(
        Reply(id: request.id, outcome: .applied, step: status.step))
    }
    publish(state)
    try? history?.close()
    server?.stop()
    (server, history) = (nil, nil)
  }

  private func publish(_ state: RunState) {
    status.state = state
    server?.publish(.status(status))
    try? history?.set(status)
  }

  private func log(_ level: RunEvent.Level, _ kind: String, _ text: String) {
    let event = RunEvent(
      time: Clock.wall(), step: status.step, level: level, kind: kind, text: text)
    server?.publish(.event(event))
    try? history?.append(event)
  }

  // MARK: What the stages tell

  func began(_ stage: StageName, what: String, total: Int) {
    progress.began(stage, what: what, total: total)
    before = status.step
    (began, told, toldStep) = (Clock.monotonic(), Clock.monotonic(), before)
    status.steps = before + total
    status.phase = Self.phase(
      stages, stages.firstIndex(of: stage) ?? status.phase.index, step: 0, steps: total)
    status.data = what
    status.timeLeft = nil
    server?.publish(.phase(status.phase))
    publish(status.state)
  }

  func advanced(to done: Int) {
    progress.advanced(to: done)
    status.step = max(status.step, before + done)
    status.phase.step = done
    let now = Clock.monotonic()
    guard now - told >= Self.interval else { return }
    let left = Double(max(0, status.phase.steps - done))
    status.timeLeft = done > 0 ? left * (now - began) / Double(done) : nil
    if status.step > lastSample {
      lastSample = status.step
      var values: [Metric: Double] = [
        .imagesPerSecond: Double(status.step - toldStep) / (now - told)
      ]
      values[.memoryResident] = ResidentMemory.bytes.map(Double.init)
      let sample = Sample(step: status.step, time: Clock.wall(), values: values)
      server?.publish(.step(sample))
      try? history?.append(sample)
    }
    (told, toldStep) = (now, status.step)
    publish(status.state)
  }

  func ended(_ stage: StageName, _ line: String) {
    progress.ended(stage, line)
    if stage == .index { status.images = countImages() ?? status.images }
    log(.info, stage.rawValue, line)
  }

  func noticed(_ text: String) {
    progress.noticed(text)
    log(.warning, status.phase.name, text)
  }

  // MARK: Commands

  /// Carries out what was asked for, and waits while the curation is paused. Returns whether it is to
  /// end.
  func isStopped() -> Bool {
    repeat {
      for request in requests.all() { carryOut(request) }
      if Signals.isPending { isStopping = true }
      guard status.state == .paused, !isStopping else { break }
      requests.wait()
    } while true
    return isStopping
  }

  private func carryOut(_ request: ChangeRequest) {
    var undo: Change?
    switch request.change {
    case .pause:
      publish(.paused)
      undo = .resume
      progress.noticed("paused; it goes on with: dino resume \(pool.name)")
    case .resume:
      // The time of the pause is none of the work's.
      began += Clock.monotonic() - told
      told = Clock.monotonic()
      publish(.running)
      undo = .pause
    default:
      isStopping = true
      publish(.stopping)
    }
    log(.info, request.change.kind.name, "by \(request.client)")
    server?.answer(Reply(id: request.id, outcome: .applied, step: status.step, undo: undo))
  }
}

/// Commands that wait for the curation's thread.
private final class RequestQueue: Sendable {
  private let waiting = Mutex<[ChangeRequest]>([])
  private let semaphore = Semaphore()

  /// Accepts or rejects a command; called on the I/O thread.
  func take(_ request: ChangeRequest) -> Reply {
    guard [.pause, .resume, .stop].contains(request.change), !request.isPreview else {
      return Reply(
        id: request.id, outcome: .rejected, reason: "a curation takes pause, resume and stop")
    }
    waiting.withLock { $0.append(request) }
    semaphore.signal()
    return Reply(id: request.id, outcome: .accepted)
  }

  /// Returns all commands, in the order in which they came.
  func all() -> [ChangeRequest] {
    waiting.withLock { requests in
      defer { requests = [] }
      return requests
    }
  }

  /// Waits for a command, or for a moment.
  func wait() { semaphore.wait(seconds: 0.2) }
}
