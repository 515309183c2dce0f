import Model
import Tensor

/// Plays a step through on a model of a link: the calls that `ParameterStore` and `GradientSums` make, in the
/// same order, of which the line carries one after the other.
struct StepReplay {
  private(set) var now = 0.0
  private(set) var waiting = 0.0
  private(set) var traffic = StepTraffic()
  private let shape: EngineShape
  private let link: LinkModel
  private let units: ParameterUnits
  private let processes: Double
  /// When the line is free.
  private var line = 0.0
  /// What is at each place of gathered units, and when it is there.
  private var there: [Int: (isTeacher: Bool, unit: Int, time: Double)] = [:]
  /// When the reduction of each unit's gradient is done.
  private var reduced: [Int: Double] = [:]
  private var left: [Int] = []

  init(_ shape: EngineShape, _ link: LinkModel) {
    (self.shape, self.link) = (shape, link)
    units = ParameterUnits(shape.network.layout, shape.ranks)
    processes = Double(shape.ranks.world / shape.ranks.local.count)
  }

  /// The rank of this process whose students' passes are played, and the phase of the last part.
  private var rank = -1
  private var phase = StepPart.Phase.teacher

  /// Whether units are reduced during the backward pass of the last rank.
  private var reducesUnits: Bool { shape.isSharded || shape.accumulationSteps == 1 }
  private var isLastRank: Bool { rank == shape.ranks.local.count - 1 }

  /// Computes the parts of a step one after the other, each so much slower than it was measured.
  mutating func play(_ parts: [StepPart], slower: Double) {
    for (number, part) in parts.enumerated() {
      begin(part)
      now += part.seconds * slower
      end(part, next: number + 1 < parts.count ? parts[number + 1] : nil)
    }
  }

  private mutating func begin(_ part: StepPart) {
    if part.phase == .student, phase != .student { rank += 1 }
    phase = part.phase
    guard let unit = part.unit else { return }
    if shape.isSharded, !(part.phase == .teacher && shape.frozenTeacher != nil) {
      enter(unit, part.phase)
    }
    guard part.phase == .backward, shape.isSharded, shape.ranks.local.count == 1 else { return }
    // A place for the gradient: the block that had it before must be on its way no more.
    for other in left
    where other - unit >= GradientSums.places && units.units[other].isBlock {
      wait(reduced[other]!)
    }
  }

  private mutating func end(_ part: StepPart, next: StepPart?) {
    guard let unit = part.unit else { return endOfOther(part) }
    let isHead = !units.units[unit].name.hasPrefix("backbone")
    let isLeft = part.phase == .backward || (part.phase == .student && isHead)
    // CLS tokens and patches go through a tied head one after the other.
    if isLeft, reducesUnits, isLastRank, next?.unit != unit { reduce(unit) }
    if part.phase == .backward, next?.phase == .teacher || next?.phase == .optimiser { finish() }
  }

  /// The targets of a micro-batch, or the norms that decide on the update.
  private mutating func endOfOther(_ part: StepPart) {
    guard part.phase == .teacher else {
      if part.phase == .optimiser { message(2) }
      return
    }
    guard shape.centering != .none else { return message(8) }
    let sums = shape.centering == .sinkhornKnopp ? 3.0 : 1.0
    let prototypes = Double(shape.teacher.dinoHead.outputs + shape.teacher.patchOutputs)
    traffic.targets += 2 * 4 * sums * prototypes * share
    wait(send(2 * 4 * sums * prototypes * share, from: now))
    // Each sum is sent and gathered, and there are two kinds of targets; orders and reports come before.
    message(Int(4 * sums) + 8)
  }

  /// Each process has 1 / N of everything already, and gets or gives the rest.
  private var share: Double { (processes - 1) / processes }

  private func bytes(_ count: Int, _ element: Element) -> Double {
    Double(count) * share * Self.bytes(element)
  }

  /// The bytes of a value that is sent.
  static func bytes(_ element: Element) -> Double { element == .bf16 ? 2 : 4 }

  private mutating func send(_ bytes: Double, from time: Double) -> Double {
    line = max(line, time) + bytes / (link.bytesPerSecond * LinkModel.payload)
    return line + link.latency
  }

  private mutating func wait(_ time: Double) {
    waiting += max(0, time - now)
    now = max(now, time)
  }

  private mutating func message(_ count: Int) {
    wait(now + Double(count) * (link.latency + LinkModel.wakeUp))
  }

  /// The place where a unit is gathered.
  private func place(_ unit: Int) -> Int {
    guard shape.sharding == .fullShard else { return unit }
    if units.units[unit].isBlock { return -1 - unit % GatheredUnits.parameterPlaces }
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
    let bytes = bytes(units.units[unit].range.count, shape.gathered)
    traffic.gathered += bytes
    there[place] = (isTeacher, unit, send(bytes, from: now))
  }

  private mutating func reduce(_ unit: Int) {
    let bytes = bytes(units.units[unit].range.count, shape.reduced)
    traffic.reduced += bytes
    reduced[unit] = send(bytes, from: now)
    left.append(unit)
    guard !shape.isSharded, left.count > 2 else { return }
    gatherSums(left[left.count - 3])
  }

  private mutating func gatherSums(_ unit: Int) {
    let bytes = bytes(units.units[unit].range.count, shape.reduced)
    traffic.reduced += bytes
    reduced[unit] = send(bytes, from: max(now, reduced[unit]!))
  }

  /// The end of a micro-batch, or of its last rank.
  private mutating func finish() {
    if reducesUnits {
      if !shape.isSharded { for unit in left.suffix(2) { gatherSums(unit) } }
    } else {
      let all = 2 * bytes(shape.network.layout.count, shape.reduced)
      traffic.reduced += all
      reduced[0] = send(all, from: now)
    }
    for time in reduced.values { wait(time) }
    (left, reduced, rank) = ([], [:], -1)
  }
}

extension StepTraffic {
  /// Foretells a step of pre-training, or of a distillation with one student.
  package init(_ shape: EngineShape) {
    self.init()
    guard shape.ranks.local.count < shape.ranks.world else { return }
    var replay = StepReplay(shape, LinkModel(bytesPerSecond: 1))
    replay.play(StepPart.parts(shape, rate: 1), slower: 1)
    self = replay.traffic
    values =
      gathered / StepReplay.bytes(shape.gathered) + reduced / StepReplay.bytes(shape.reduced)
      + targets / 4
  }
}
