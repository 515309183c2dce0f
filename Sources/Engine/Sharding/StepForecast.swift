import Model
import Tensor

/// The time of a step that several processes share, foretold from how long its parts compute and a model of the
/// link: the same calls in the same order as `ParameterStore` and `GradientSums` make them, of which the line
/// carries one after the other.
package struct StepForecast: Sendable, Equatable {
  /// A link between hosts.
  package struct Link: Sendable, Equatable {
    /// Bytes a second that a host sends, and receives at the same time.
    package var bytesPerSecond: Double
    /// Seconds until what was sent is there.
    package var latency: Double

    package init(bytesPerSecond: Double, latency: Double = 0) {
      (self.bytesPerSecond, self.latency) = (bytesPerSecond, latency)
    }

    /// What is left of the rate for messages, as TCP has headers of its own.
    static let payload = 0.95
    /// What a message takes beside the line's latency: threads have to wake.
    static let wakeUp = 0.0003
    /// Processor time for a byte that is sent, and one that is received and added up.
    static let processor = 0.7e-9
  }

  /// Seconds of the step.
  package private(set) var seconds = 0.0
  /// Seconds of it in which a process waits for others.
  package private(set) var waiting = 0.0

  /// Foretells a step of pre-training, or of a distillation with one student.
  ///
  /// - Parameters:
  ///   - parts: those of one process's ranks, without communication.
  ///   - threads: what a process computes with. Sending takes a part of their time.
  package init(_ shape: EngineShape, _ parts: [StepPart], _ link: Link, threads: Int) {
    let computing = parts.reduce(0) { $0 + $1.seconds }
    let bytes = StepTraffic(shape).bytes
    let slower = 1 + 2 * bytes * Link.processor / Double(threads) / max(computing, 1e-9)
    var run = ForecastRun(shape, link)
    for (number, part) in parts.enumerated() {
      run.begin(part)
      run.now += part.seconds * slower
      run.end(part, next: number + 1 < parts.count ? parts[number + 1] : nil)
    }
    (seconds, waiting) = (run.now, run.waiting)
  }
}

/// A step that is played through.
private struct ForecastRun {
  var now = 0.0
  private(set) var waiting = 0.0
  private let shape: EngineShape
  private let link: StepForecast.Link
  private let units: ParameterUnits
  private let processes: Double
  /// When the line is free.
  private var line = 0.0
  /// What is at each place of gathered units, and when it is there.
  private var there: [Int: (isTeacher: Bool, unit: Int, time: Double)] = [:]
  /// When the reduction of each unit's gradient is done.
  private var reduced: [Int: Double] = [:]
  private var left: [Int] = []

  init(_ shape: EngineShape, _ link: StepForecast.Link) {
    (self.shape, self.link) = (shape, link)
    units = ParameterUnits(shape.network.layout, shape.ranks)
    processes = Double(shape.ranks.world / shape.ranks.local.count)
  }

  private var isAccumulated: Bool { shape.accumulationSteps > 1 }
  private var reducesUnits: Bool {
    shape.ranks.local.count == 1 && (shape.isSharded || !isAccumulated)
  }

  mutating func begin(_ part: StepPart) {
    guard let unit = part.unit else { return }
    if shape.isSharded, !(part.phase == .teacher && shape.frozenTeacher != nil) {
      enter(unit, part.phase)
    }
    guard part.phase == .backward, reducesUnits, shape.isSharded else { return }
    // A place for the gradient: the block that had it before must be on its way no more.
    for other in left where other - unit >= 4 && units.units[other].isBlock {
      wait(reduced[other]!)
    }
  }

  mutating func end(_ part: StepPart, next: StepPart?) {
    guard let unit = part.unit else { return endOfOther(part) }
    let isHead = !units.units[unit].name.hasPrefix("backbone")
    let isLeft = part.phase == .backward || (part.phase == .student && isHead)
    // CLS tokens and patches go through a tied head one after the other.
    if isLeft, reducesUnits, next?.unit != unit { reduce(unit) }
    if part.phase == .backward, next?.phase == .teacher || next?.phase == .optimiser { finish() }
  }

  /// The targets of a micro-batch, or the norms that decide on the update.
  private mutating func endOfOther(_ part: StepPart) {
    guard part.phase == .teacher else {
      if part.phase == .optimiser { message(2) }
      return
    }
    let sums = shape.centering == .sinkhornKnopp ? 3.0 : 1.0
    let prototypes = Double(shape.teacher.dinoHead.prototypes + shape.teacher.patchPrototypes)
    let end = send(2 * 4 * sums * prototypes * share, from: now)
    wait(end)
    // Each sum is sent and gathered, and there are two kinds of targets; orders and reports come before.
    message(Int(4 * sums) + 8)
  }

  private var share: Double { (processes - 1) / processes }

  private mutating func send(_ bytes: Double, from time: Double) -> Double {
    line = max(line, time) + bytes / (link.bytesPerSecond * StepForecast.Link.payload)
    return line + link.latency
  }

  private mutating func wait(_ time: Double) {
    waiting += max(0, time - now)
    now = max(now, time)
  }

  private mutating func message(_ count: Int) {
    wait(now + Double(count) * (link.latency + StepForecast.Link.wakeUp))
  }

  /// The place where a unit is gathered.
  private func place(_ unit: Int) -> Int {
    guard shape.sharding == .fullShard else { return unit }
    if units.units[unit].isBlock { return -1 - unit % 2 }
    return units.units[unit].name.hasPrefix("backbone") ? unit : -3
  }

  private mutating func enter(_ unit: Int, _ phase: StepPart.Phase) {
    let isTeacher = phase == .teacher
    gather(unit, isTeacher)
    wait(there[place(unit)]!.time)
    let all =
      phase == .backward
      ? Array(stride(from: unit - 1, to: 0, by: -1))
      : Array(unit + 1..<max(unit + 1, units.units.count))
    let ahead = shape.sharding == .fullShard ? 1 : all.count
    for next in all.prefix(ahead) where place(next) != place(unit) { gather(next, isTeacher) }
  }

  private mutating func gather(_ unit: Int, _ isTeacher: Bool) {
    let place = place(unit)
    if let one = there[place], one.unit == unit, one.isTeacher == isTeacher { return }
    let bytes = Double(units.units[unit].range.count) * share
    there[place] = (isTeacher, unit, send(bytes * StepTraffic.bytes(shape.gathered), from: now))
  }

  private mutating func reduce(_ unit: Int) {
    let bytes = Double(units.units[unit].range.count) * share * StepTraffic.bytes(shape.reduced)
    reduced[unit] = send(bytes, from: now)
    left.append(unit)
    guard !shape.isSharded, left.count > 2 else { return }
    gatherSums(left[left.count - 3])
  }

  private mutating func gatherSums(_ unit: Int) {
    let bytes = Double(units.units[unit].range.count) * share * StepTraffic.bytes(shape.reduced)
    reduced[unit] = send(bytes, from: max(now, reduced[unit]!))
  }

  /// The end of a micro-batch, or of its last rank.
  private mutating func finish() {
    if reducesUnits {
      if !shape.isSharded { for unit in left.suffix(2) { gatherSums(unit) } }
    } else {
      let all = Double(shape.network.layout.count) * share * StepTraffic.bytes(shape.reduced)
      reduced[0] = send(all * (shape.isSharded ? 1 : 2), from: now)
    }
    for time in reduced.values { wait(time) }
    (left, reduced) = ([], [:])
  }
}
