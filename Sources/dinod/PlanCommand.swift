import CommandKit
import Engine
import History
import Recipe
import Schedule
import Support
import Tensor
import Trainer

extension Subcommand {
  static let plan = Subcommand(
    name: "plan", operands: "RECIPE.yaml", count: 1...1,
    summary:
      "show how much memory, disk and time a run needs and, if memory is too little, which settings make it fit",
    options: [
      setting,
      Option(
        "--time", nil, "also time some steps of each phase, and foretell how long the run takes"),
      Option("--precision", "P", "fp32, bf16 or auto; by default the recipe's"),
      Option(
        "--processes", "N",
        "also what each of N processes takes and sends that share the ranks of train.world"),
      Option(
        "--link", "RATE[,LATENCY]",
        "with --processes: a host's link, such as 10gbit,50us; a step is measured, and the time foretold"
      ),
      Option(
        "--gflops", "R", "with --link: how fast a process computes, in the place of measuring it"),
      Option("--dir", "D", "the folder that holds the runs, for a distillation's teacher"),
      Option("--json", nil, "print one line of JSON"),
    ]
  ) { try PlanCommand($0).run() }
}

/// Plans the memory as a run does, and prints it by purpose.
private struct PlanCommand {
  private let planned: PlannedMemory
  private let machine: MachineMemory?
  private let asJSON: Bool
  private let shared: ProcessPlan?
  private let disk: PlannedDisk
  private let isTimed: Bool
  private let recipe: Recipe

  init(_ arguments: Arguments) throws {
    var overrides = arguments.values("--set")
    if let precision: Recipe.ComputePrecision = try arguments.choice("--precision") {
      overrides.append("train.compute_precision=\(precision.rawValue)")
    }
    let runs = arguments.value("--dir").map { FilePath.absolute($0) } ?? RunDirectory.defaultParent
    let (recipe, _) = try FeatureDistillation.recipe(
      arguments.operands[0], overrides, parent: runs)
    _ = Backend.Choice(recipe).printingNotice()
    let teacher = try FrozenTeacher(recipe, runs: runs)
    let processes = try arguments.integer("--processes", in: 1...65536) ?? 1
    let link = try arguments.value("--link").map { try LinkModel($0) }
    try recipe.check(processes: processes)
    guard link == nil || processes > 1 else { throw UsageError("--link needs --processes") }
    let rate = try arguments.number("--gflops", in: 1e-3...1e9)
    guard rate == nil || link != nil else { throw UsageError("--gflops needs --link") }
    isTimed = arguments.has("--time")
    guard !isTimed || !recipe.isDistilled else {
      throw UsageError("--time is for recipes without a teacher of their own")
    }
    guard !isTimed || processes == 1 else {
      throw UsageError("--time is for one process; --link foretells the time of several")
    }
    self.recipe = recipe
    disk = PlannedDisk(PhasePlan(recipe).phases, teacher: teacher?.network)
    planned = PlannedMemory(
      recipe, teacher: teacher, place: ProcessPlace(number: 0, of: processes))
    machine = planned.available
    shared =
      processes == 1
      ? nil
      : ProcessPlan(
        recipe, teacher: teacher, processes: processes, available: machine?.availableBytes,
        timing: try link.map { [planned, machine] in
          try Self.timing(
            recipe, planned.largest.phase, $0, rate, teacher, processes, machine)
        })
    asJSON = arguments.has("--json")
  }

  /// How long a step's parts take: from a rate, or from a step of one process that is measured.
  private static func timing(
    _ recipe: Recipe, _ phase: Phase, _ link: LinkModel, _ rate: Double?,
    _ teacher: FrozenTeacher?,
    _ processes: Int, _ machine: MachineMemory?
  ) throws -> ProcessPlan.Timing {
    let threads = WorkerPool.count(phase.recipe.session.threads)
    if let rate {
      return ProcessPlan.Timing(link: link, threads: threads) {
        StepPart.parts($0, rate: rate * 1e9)
      }
    }
    var one = phase.recipe
    one.train.world /= processes
    one.train.shardingStrategy = .noShard
    let needed = PlannedMemory(one, teacher: teacher).largest.memory.totalBytes
    if let machine, needed > machine.availableBytes {
      throw RunError.machine(
        "a step cannot be measured here: it takes \(Format.bytesRoundedUp(needed)) without "
          + "sharding; give --gflops, the rate of a process")
    }
    tell("measuring two steps of one process")
    let trial = try TrialStep(
      phase, SchedulePlan(recipe), frozenTeacher: teacher?.network,
      processes: processes, kernels: Backend(Backend.Choice(one)).makeKernels(nil))
    let parts = trial.parts()
    return ProcessPlan.Timing(link: link, threads: threads) { _ in parts }
  }

  /// The memory of the phase that needs the most.
  private var memory: RunMemory { planned.largest.memory }

  /// Prints the plan. Throws `MemoryShortage` if the run does not fit.
  func run() throws -> Int32 {
    let shortage = planned.shortage(machine)
    if !asJSON { print(table + onDisk + (shared?.table ?? ""), terminator: "") }
    // What does not fit cannot be timed.
    let time = isTimed && shortage == nil ? try PlannedTime(recipe) : nil
    if asJSON {
      try printJSON(shortage, time)
    } else if let time {
      print(Self.text(time), terminator: "")
    }
    if let shortage { throw shortage }
    return 0
  }

  /// The purposes that take memory, in order.
  private var lines: [(purpose: MemoryPurpose, bytes: Int)] {
    MemoryPurpose.allCases.compactMap { purpose in
      memory.bytes[purpose].flatMap { $0 > 0 ? (purpose, $0) : nil }
    }
  }

  private var table: String {
    let recipe = memory.recipe
    let precision = memory.device.activationElement.rawValue
    let heading =
      "\(recipe.session.name): "
      + "\(recipe.students.map(\.student.arch).joined(separator: "+"))/\(recipe.student.patchSize), batch "
      + "\(recipe.train.batchSizePerGPU), \(precision), "
      + "\(Format.count(WorkerPool.count(recipe.session.threads), "thread"))"
      + (planned.phases.count > 1 ? ", phase \(planned.largest.phase.name)" : "") + "\n\n"
    let planned = lines.filter(\.purpose.isPlanned)
    let beside = lines.filter { !$0.purpose.isPlanned }
    let there = machine.map { Self.row(Self.title(of: $0.limit), $0.availableBytes) } ?? ""
    return heading + Self.row("", "MiB", "share")
      + planned.map { row($0.purpose.title, $0.bytes) }.joined()
      + row("the engine's arena", memory.arenaBytes, bar: false) + "\n"
      + beside.map { row($0.purpose.title, $0.bytes) }.joined()
      + row("total", memory.totalBytes, bar: false) + others + there
  }

  /// What the run keeps on the disk.
  private var onDisk: String {
    "\n" + Self.row("a checkpoint on the disk", disk.checkpointBytes)
      + Self.row("\(Format.count(disk.checkpoints)) of them, at most", disk.totalBytes)
  }

  /// How long the steps take, one line for each phase, and the whole run.
  private static func text(_ time: PlannedTime) -> String {
    let phases = time.phases.map { phase in
      ("\(Format.count(phase.steps, "step")) of \(phase.name)").padded(30)
        + "\(Format.interval(phase.stepSeconds)) each".padded(19, right: true) + "\n"
    }
    return "\n" + phases.joined()
      + "the run".padded(30) + Format.duration(time.seconds).padded(19, right: true)
      + "  without the probe\n"
  }

  /// The memory of the other phases, one line each.
  private var others: String {
    planned.phases.filter { $0.phase.index != planned.largest.phase.index }.map {
      Self.row("total, phase \($0.phase.name)", $0.memory.totalBytes)
    }.joined()
  }

  private static func title(of limit: MachineMemory.Limit) -> String {
    limit == .machine ? "available on this machine" : "left in the control group"
  }

  private func row(_ title: String, _ bytes: Int, bar: Bool = true) -> String {
    let share = Double(bytes) / Double(memory.totalBytes)
    let cells = bar ? String(repeating: "█", count: Int((24 * share).rounded(.up))) : ""
    return Self.row(title, bytes, "\(Int((100 * share).rounded())) %", cells)
  }

  private static func row(_ title: String, _ bytes: Int, _ share: String = "", _ bar: String = "")
    -> String
  {
    // Tenths of a MiB, rounded up.
    let tenths = (10 * bytes + (1 << 20) - 1) >> 20
    return row(title, Format.decimals(Double(tenths) / 10, 1), share, bar)
  }

  private static func row(_ title: String, _ amount: String, _ share: String, _ bar: String = "")
    -> String
  {
    let cells = [
      title.padded(30), amount.padded(11, right: true), share.padded(8, right: true), "  ", bar,
    ]
    return cells.joined().trimmedEnd + "\n"
  }

  private struct Figures: Encodable {
    struct Remedy: Encodable {
      var set: [String]
      var totalBytes: Int
    }

    struct Phase: Encodable {
      var name: String
      var steps: Int
      var totalBytes: Int
      /// The seconds of a step; nil if none was timed.
      var stepSeconds: Double?
    }

    var bytes: [String: Int]
    var phases: [Phase]
    var arenaBytes: Int
    var totalBytes: Int
    var availableBytes: Int?
    var limit: String?
    var precision: String
    var fits: Bool
    var remedy: Remedy?
    var checkpointBytes: Int
    var checkpoints: Int
    /// The seconds of the run without its probe; nil if no step was timed.
    var seconds: Double?
    /// The ways in which several processes can share the run.
    var processes: [ProcessPlan.Way]?
  }

  private func printJSON(_ shortage: MemoryShortage?, _ time: PlannedTime?) throws {
    let figures = Figures(
      bytes: Dictionary(uniqueKeysWithValues: memory.bytes.map { ($0.key.rawValue, $0.value) }),
      phases: planned.phases.map { phase, memory in
        Figures.Phase(
          name: phase.name, steps: phase.steps, totalBytes: memory.totalBytes,
          stepSeconds: time?.phases[phase.index].stepSeconds)
      },
      arenaBytes: memory.arenaBytes, totalBytes: memory.totalBytes,
      availableBytes: machine?.availableBytes, limit: machine?.limit.rawValue,
      precision: memory.device.activationElement.rawValue, fits: shortage == nil,
      remedy: shortage?.remedy.map {
        Figures.Remedy(set: $0.overrides, totalBytes: $0.memory.totalBytes)
      }, checkpointBytes: disk.checkpointBytes, checkpoints: disk.checkpoints,
      seconds: time?.seconds,
      processes: shared?.ways)
    print(try JSONText.line(figures))
  }
}
