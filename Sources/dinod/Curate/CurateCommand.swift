import CommandKit
import Curation
import KernelsCPU
import Run
import Support
import Tensor

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

extension Subcommand {
  static let curate = Subcommand(
    name: "curate", operands: "[WHAT] PLAN.yaml [FILE]", count: 1...3,
    summary: "make a data set out of a heap of images: without copies, and the right ones",
    options: [
      Option("--set", "KEY=VALUE", "override a key of the plan", repeats: true),
      Option("--dir", "DIR", "the folder that holds the pools"),
      Option("--to", "DIR", "with sheet and sample: the folder of the pages and pictures"),
      Option("--after", "STAGE", "with sample: the last stage whose verdicts count"),
      Option("--json", nil, "with status: print JSON"),
    ], details: CurateCommand.details
  ) { try CurateCommand($0).run() }
}

/// Curates, and shows what a curation did.
struct CurateCommand {
  private let arguments: Arguments
  private let what: What
  private let plan: CurationPlan
  private let pool: Pool

  static let details = """
    WHAT is a stage, which is carried out with all before it; by default all stages are:
    \(TextTable(pairs: StageName.allCases.map { ($0.rawValue, $0.meaning) }).text)

    or something to see:
    \(TextTable(pairs: What.words.map { ($0.word, $0.meaning) }).text)
    """

  /// What a command line asks for.
  private enum What {
    case run(until: StageName)
    case show(View)

    enum View: String, CaseIterable { case status, why, pairs, sheet, sample, keys }

    static let words: [(word: String, meaning: String)] = [
      ("status", "what became of the images, by stage and rule"),
      ("why FILE", "what became of one image, and because of which other one"),
      ("pairs", "pairs of images that are alike, as CSV: a,b,score,rule"),
      ("sheet STAGE", "pictures of a stage: filter, probe, duplicates, decontaminate or retrieve"),
      ("sample", "pictures of what is left, drawn at random"),
      ("keys", "all keys of plans with their defaults; takes no plan"),
    ]

    init(_ operands: [String]) throws(UsageError) {
      let word = operands[0]
      if let stage = StageName(rawValue: word), operands.count > 1 {
        self = .run(until: stage)
      } else if let view = View(rawValue: word) {
        self = .show(view)
      } else if operands.count == 1 {
        self = .run(until: .apply)
      } else {
        let words = StageName.allCases.map(\.rawValue) + View.allCases.map(\.rawValue)
        if let nearest = nearestName(to: word, among: words) {
          throw UsageError("curate has no '\(word)'; did you mean \(nearest)?")
        }
        throw UsageError(
          "curate takes \(words.joined(separator: ", ")) before the plan, not '\(word)'")
      }
    }
  }

  init(_ arguments: Arguments) throws {
    self.arguments = arguments
    let operands = arguments.operands
    what = try What(operands)
    if case .show(.keys) = what {
      (plan, pool) = (CurationPlan(), Pool(name: ""))
      return
    }
    let isNamed = StageName(rawValue: operands[0]) != nil || What.View(rawValue: operands[0]) != nil
    guard let file = operands.count > 1 && isNamed ? operands[1] : isNamed ? nil : operands[0]
    else {
      throw UsageError("curate \(operands[0]) needs a plan: dinod curate \(operands[0]) PLAN.yaml")
    }
    plan = try CurationPlan.read(file: file, overrides: arguments.values("--set"))
    pool = Pool(
      name: plan.pool.name, parent: arguments.value("--dir").map { FilePath.absolute($0) })
  }

  func run() throws -> Int32 {
    switch what {
    case .run(let last): return try curate(until: last)
    case .show(.keys):
      print(CurationPlan.help(), terminator: "")
    case .show(let view):
      guard FileSystem.exists(pool.catalogue) else {
        throw RunError.file("\(pool.path): no such pool; make it with: dinod curate PLAN.yaml")
      }
      switch view {
      case .status: try CurationView(context()).status(asJSON: arguments.has("--json"))
      case .why:
        try CurationView(context()).why(try operand("a file: dinod curate why PLAN.yaml FILE"))
      case .pairs: try CurationView(context()).pairs()
      case .sheet, .sample: try sheet(view == .sample)
      case .keys: break
      }
    }
    return 0
  }

  private func operand(_ what: String) throws(UsageError) -> String {
    guard arguments.operands.count == 3 else { throw UsageError("this needs \(what)") }
    return arguments.operands[2]
  }

  private func sheet(_ isSample: Bool) throws {
    let subjects = Sheet.Subject.allCases.filter { $0 != .sample }.map(\.rawValue)
    let list = subjects.joined(separator: ", ")
    let word = isSample ? "sample" : try operand("what to show: \(list)")
    guard let subject = Sheet.Subject(rawValue: word) else {
      throw UsageError("sheet shows \(list), not '\(word)'")
    }
    if let stage = StageName(rawValue: word), !plan.stages(until: .apply).contains(stage) {
      throw RunError.file("\(plan.file): the plan asks for no \(word), so there is nothing to show")
    }
    try CurationView(context()).sheet(
      subject, after: try arguments.choice("--after") ?? .balance,
      to: arguments.value("--to") ?? pool.sheets)
  }

  private func curate(until last: StageName) throws -> Int32 {
    Signals.hold()
    let run = CurationRun(pool, stages: plan.stages(until: last))
    do {
      let context = try context(run, isChanging: true) { run.isStopped() }
      run.open { try? context.catalogue.count(keptAfter: nil) }
      try Curation(context).run(until: last)
      run.end(.finished)
    } catch is CurationStopped {
      run.end(.stopped)
      fputs("stopped; the same command goes on from here\n", stderr)
      return 130
    } catch {
      run.end(.failed, "\(error)")
      throw error
    }
    return 0
  }

  private func context(
    _ observer: any CurationObserver = CurationProgress(), isChanging: Bool = false,
    isStopped: @escaping () -> Bool = { false }
  ) throws -> CurationContext {
    let backend = try Backend(Backend.Choice(.auto, threads: plan.pool.workers))
    let workers = backend.workers
    let embedding =
      isChanging && !plan.embed.weights.isEmpty
      ? try PoolEmbedding(plan.embed, backend) : nil
    return try CurationContext(
      plan, pool: pool, isChanging: isChanging, workers: workers, embedding: embedding,
      observer: observer, makeKernels: { backend.makeKernels() },
      isStopped: isStopped)
  }
}
