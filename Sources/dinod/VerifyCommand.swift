import CommandKit
import Support
import Trainer
import Verify

extension Subcommand {
  static let verify = Subcommand(
    name: "verify", operands: "CASE…", count: 1...Int.max,
    summary: "recompute cases recorded with the official method, and compare the results",
    options: [
      Option(
        "--tolerance", "[FAMILY=]X",
        "largest relative error allowed, of all values or of one family", repeats: true),
      Option("--precision", "P", "fp32, bf16 or auto, as train.compute_precision; by default fp32"),
      Option("--json", nil, "print JSON: every value compared"),
    ]
  ) { try VerifyCommand($0).run() }
}

/// Replays cases one after the other. A case that cannot be replayed does not prevent the others.
private struct VerifyCommand {
  private let folders: [String]
  private let tolerances: CaseTolerances
  private let isJSON: Bool
  private let choice: Backend.Choice

  init(_ arguments: Arguments) throws {
    folders = arguments.operands
    isJSON = arguments.has("--json")
    choice = Backend.Choice(try arguments.choice("--precision") ?? .fp32).printingNotice()
    var tolerances = CaseTolerances(rounded: choice.precision == .bf16)
    for text in arguments.values("--tolerance") {
      if let problem = tolerances.set(text) {
        throw UsageError("--tolerance \(problem)")
      }
    }
    self.tolerances = tolerances
  }

  func run() throws -> Int32 {
    let backend = try Backend(choice)
    var allAgree = true
    var reports: [VerifyJSON] = []
    for folder in folders {
      do {
        let recorded = try RecordedCase(folder: folder)
        let report = try recorded.verify { backend.makeKernels() }
        allAgree = allAgree && report.failures(tolerances).isEmpty
        if isJSON {
          reports.append(VerifyJSON(folder, report, tolerances))
        } else {
          print(VerifyTable(folder, recorded.summary, report, tolerances).text)
        }
      } catch {
        allAgree = false
        tell("\(error)")
      }
    }
    if isJSON { print(try JSONText.pretty(reports)) }
    return allAgree ? 0 : 1
  }
}

/// A report as text: a row for each number, for the tensors of each network, and for each kind of
/// token.
private struct VerifyTable {
  let text: String

  init(
    _ folder: String, _ summary: String, _ report: CaseReport, _ tolerances: CaseTolerances
  ) {
    var rows = [["", "error", "tolerance", "found", "expected", "", ""]]
    for line in report.worstOfGroups {
      let isNumber = line.group == line.name
      let title = line.family.rawValue.map { $0 == "_" ? " " : String($0) }.joined()
      rows.append([
        "\(title): \(line.group)", Self.short(line.error), Self.short(tolerances[line.family]),
        Self.long(line.found), Self.long(line.expected),
        line.error <= tolerances[line.family] ? "agrees" : "DIFFERS",
        isNumber ? "" : "worst at \(line.name)",
      ])
    }
    let table = TextTable(
      [.left, .right, .right, .right, .right, .left, .left], rows, indent: 2)
    text = "\(folder): \(summary)\n\(table.text)\n" + Self.verdict(report, tolerances)
  }

  private static func verdict(_ report: CaseReport, _ tolerances: CaseTolerances) -> String {
    let failures = report.failures(tolerances)
    guard let first = failures.first else { return "agrees: all \(report.lines.count) comparisons" }
    let network = [.gradients, .parameters].contains(first.family) ? "\(first.group) " : ""
    let twins = report.twins.map {
      "\nat step \($0.step) two CLS tokens of a batch are only \(short($0.distance)) apart: "
        + "rounding decides KoLeo's gradient there, in PyTorch, too; record with another seed, or "
        + "koleo_weight 0"
    }
    return "DIFFERS: \(failures.count) of \(report.lines.count) comparisons, first at "
      + "\(first.family.rawValue): \(network)\(first.name)" + (twins ?? "")
  }

  private static func short(_ value: Double) -> String { Format.scientific(value, 1) }
  private static func long(_ value: Double) -> String { Format.scientific(value, 6) }
}

/// A report as JSON.
private struct VerifyJSON: Encodable {
  struct Comparison: Encodable {
    var family: String
    var group: String
    var name: String
    /// `nil` if not finite, like the two numbers below.
    var error: Double?
    var found: Double?
    var expected: Double?
    var tolerance: Double
    var agrees: Bool
  }

  let `case`: String
  let agrees: Bool
  let comparisons: [Comparison]
  /// For each step, the smallest distance between two CLS tokens that KoLeo compares.
  let nearest: [Double]

  init(_ folder: String, _ report: CaseReport, _ tolerances: CaseTolerances) {
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    `case` = folder
    comparisons = report.lines.map {
      Comparison(
        family: $0.family.rawValue, group: $0.group, name: $0.name, error: finite($0.error),
        found: finite($0.found), expected: finite($0.expected), tolerance: tolerances[$0.family],
        agrees: $0.error <= tolerances[$0.family])
    }
    agrees = comparisons.allSatisfy(\.agrees)
    nearest = report.nearest
  }
}
