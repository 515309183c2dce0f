import CommandKit
import FoundationEssentials
import Run
import Schedule
import Screen
import Support

extension Subcommand {
  static let report = Subcommand(
    name: "report", operands: "[NAME]", count: 0...1,
    summary: "write a page about a run for those who were not there: one HTML file",
    options: [Option("--to", "FILE", "by default NAME.html"), theme, host, directory]
  ) { arguments in
    let run = try RunSelection.any(arguments.operands.first, arguments)
    let file = arguments.value("--to") ?? "\(run.name.split(separator: ":").last ?? "run").html"
    let page = ReportPage(run, try run.record(), try theme(arguments))
    try WholeFile.write(page.html, to: FilePath.absolute(file))
    print("\(run.name): \(file)")
    return 0
  }
}

/// A page about a run. It needs no other file and no network.
private struct ReportPage {
  private let run: FoundRun
  private let record: RunRecord
  private let theme: Theme

  init(_ run: FoundRun, _ record: RunRecord, _ theme: Theme) {
    (self.run, self.record, self.theme) = (run, record, theme)
  }

  var html: String {
    let status = record.status
    let verdict = LearningLine(record)?.text ?? ""
    let health = Health(record, isTraining: run.isTraining)
    let parts = [
      picture("The run", .losses, isExpanded: false, Size(150, 46)),
      picture("Each loss", .losses, isSplit: true), picture("Health", .health),
      picture("Features, by the probe", .probe), pictures,
      picture("Schedules", .schedules), changes, events,
      recipe,
    ]
    return """
      <!doctype html>
      <html lang="en"><meta charset="utf-8"><title>\(escaped(run.name))</title>
      <style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
      table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: left;
      vertical-align: top } svg { width: 100%; height: auto } pre { overflow-x: auto }
      .verdict { font-size: 1.2rem }
      </style>
      <h1>\(escaped(run.name))</h1>
      <p class="verdict">\(escaped(verdict))</p>
      \(table([], facts(status, health)))
      \(parts.joined(separator: "\n"))
      </html>

      """
  }

  private func facts(_ status: RunStatus, _ health: Health) -> [[String]] {
    let seen = record.samples.last?[.imagesSeen].flatMap { Int(exactly: $0.rounded()) }
    let passes = seen.map { seen in
      "\(Format.count(seen)), \(Format.number(Double(seen) / Double(max(status.images, 1)))) passes"
    }
    let origin = status.origin.map { "\($0.kind) of \($0.run), step \(Format.count($0.step))" }
    let also = health.findings.dropFirst().map(\.reason).joined(separator: "; ")
    let rows: [(String, String?)] = [
      ("state", status.state.rawValue + (status.message.map { ": \($0)" } ?? "")),
      ("steps", "\(Format.count(status.step)) of \(Format.count(status.steps))"),
      ("health", "\(health.verdict.appearance.word): \(health.reason)"),
      ("also", also.isEmpty ? nil : also),
      ("model", "\(status.arch), \(Format.count(status.parameters)) parameters"),
      ("images", "\(Format.count(status.images)), batch \(status.imagesPerStep)"),
      ("trained on", passes), ("origin", origin),
      ("last step", record.samples.last.map { Format.date($0.time) }),
    ]
    return rows.compactMap { name, value in value.map { [name, $0] } }
  }

  /// The pictures of each kind that there are.
  private var pictures: String {
    var state = RunViewState()
    (state.panel, state.isExpanded) = (.pictures, true)
    var view = run.view(record, state)
    let found = PictureView.allCases.filter { $0.isAmong(view.pictures) }.map { kind in
      view.state.pictures = kind
      return "<h2>What it sees: \(kind.title)</h2>\n"
        + drawDashboard(view, size: Size(120, 32)).svg(theme)
    }
    return found.joined(separator: "\n")
  }

  private func picture(
    _ title: String, _ panel: Panel, isExpanded: Bool = true, isSplit: Bool = false,
    _ size: Size = Size(120, 32)
  ) -> String {
    var state = RunViewState()
    (state.panel, state.isExpanded, state.isSplit) = (panel, isExpanded, isSplit)
    let picture = drawDashboard(run.view(record, state), size: size).svg(theme)
    return "<h2>\(title)</h2>\n\(picture)"
  }

  private var changes: String {
    let journal = Journal(record.journal)
    let rows = journal.entries.map { entry in
      [
        Format.count(entry.step), Format.date(entry.time), entry.client, entry.change.summary,
        journal.fate(of: entry) ?? "",
      ]
    }
    return rows.isEmpty
      ? ""
      : "<h2>Changes</h2>\n" + table(["step", "time", "who", "change", "what became of it"], rows)
  }

  private var events: String {
    let rows = record.events.filter { $0.level != .info }.suffix(100).map { event in
      [Format.count(event.step), Format.date(event.time), event.level.rawValue, event.text]
    }
    return rows.isEmpty
      ? "" : "<h2>Warnings and errors</h2>\n" + table(["step", "time", "level", "what"], rows)
  }

  private var recipe: String {
    guard let path = run.place.directory?.recipe,
      let bytes = try? WholeFile.read(path, limit: 1 << 20)
    else { return "" }
    let text = escaped(String(decoding: bytes, as: UTF8.self))
    return "<details><summary>The recipe</summary><pre>\(text)</pre></details>"
  }

  private func table(_ head: [String], _ rows: [[String]]) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>\n"
    }
    return "<table>\n" + (head.isEmpty ? "" : row(head, "th"))
      + rows.map { row($0, "td") }.joined() + "</table>"
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
