import CommandKit
import FoundationEssentials
import Run
import Screen
import Support

#if canImport(Glibc)
  import Glibc
#endif

extension Subcommand {
  static let shot = Subcommand(
    name: "shot", operands: "[NAME]", count: 0...1,
    summary: "draw what the dashboard shows of a run, as text or as a picture",
    options: [
      Option("--to", "FILE", "a file that ends in .svg, .png or .txt; by default text is printed"),
      Option("--size", "WxH", "columns and rows; by default 120x40"),
      Option(
        "--panel", "PANEL",
        "one panel alone: losses, throughput, health, schedules, probe, log, pictures, changes, checkpoints, system"
      ),
      Option(
        "--pictures", "KIND",
        "components, attention, neighbours, prototypes or crops; with --panel pictures"),
      Option("--at", "STEP", "put the cursor to this step"),
      Option("--last", "STEPS", "charts of so many steps"),
      Option("--smooth", "WEIGHT", "smooth the curves: 0.9 or 0.99"), comparing,
      Option("--split", nil, "a chart for each loss"),
      Option("--log", nil, "a logarithmic scale for losses"),
      Option("--explain", nil, "with the meaning of the panel's figures"),
      theme, host, directory,
    ]
  ) { arguments in
    let run = try RunSelection.any(arguments.operands.first, arguments)
    let record = try run.record()
    var state = RunViewState()
    try choose(arguments, record, &state)
    var view = run.view(record, state)
    view.others = try compared(arguments).map { ($0.name, try $0.record()) }
    let canvas = drawDashboard(view, size: try size(arguments))
    guard let file = arguments.value("--to") else {
      print(canvas.shaded.rows.joined(separator: "\n"))
      return 0
    }
    let path = FilePath.absolute(file)
    switch file.split(separator: ".").last {
    case "svg": try WholeFile.write(canvas.svg(try theme(arguments)), to: path)
    case "png": try writePNG(canvas.svg(try theme(arguments)), to: path)
    case "txt": try WholeFile.write(canvas.shaded.rows.joined(separator: "\n") + "\n", to: path)
    default:
      throw UsageError("--to takes a file that ends in .svg, .png or .txt, not '\(file)'")
    }
    print(path)
    return 0
  }

  /// Writes a picture with two pixels for each of the drawing's, by the program of librsvg.
  private static func writePNG(_ svg: String, to path: String) throws {
    guard let converter = ProgramPath.find("rsvg-convert") else {
      throw Failure(
        "a .png needs the program rsvg-convert (apt install librsvg2-bin); a .svg needs nothing")
    }
    // Not beside the picture, where what a killed process leaves would stay.
    let folder = PartialPath.claim(
      (Environment.value("TMPDIR") ?? "/tmp") + "/dino-shot", hidden: true)
    try FileSystem.makeFolder(folder)
    defer { try? FileSystem.remove(folder) }
    let (drawing, log) = (folder + "/drawing.svg", folder + "/log")
    try WholeFile.write(svg, to: drawing)
    let child = try ChildProcess(
      converter, ["--zoom", "2", "--output", path, drawing], output: .file(log))
    var status = child.ending()
    while status == nil {
      usleep(5000)
      status = child.ending()
    }
    guard status == 0 else {
      let said = (try? WholeFile.read(log, limit: 1 << 16)) ?? []
      let line = String(decoding: said, as: UTF8.self).split(separator: "\n").first ?? ""
      throw Failure("rsvg-convert could not write \(path): \(line)")
    }
  }

  /// Sets what the options choose.
  private static func choose(
    _ arguments: Arguments, _ record: RunRecord, _ state: inout RunViewState
  ) throws {
    if let name = arguments.value("--panel") {
      let panels = Panel.all(of: record.status.kind)
      guard let panel = panels.first(where: { $0.title.lowercased() == name.lowercased() }) else {
        let names = panels.map { $0.title.lowercased() }
        let near = nearestName(to: name, among: names).map { "did you mean '\($0)'? " } ?? ""
        throw UsageError("'\(name)' is no panel; \(near)there are \(names.joined(separator: ", "))")
      }
      (state.panel, state.isExpanded) = (panel, true)
    }
    if let step = try arguments.integer("--at", in: 0...Int.max) { state.go(to: step, record) }
    state.window = try arguments.integer("--last", in: 2...Int.max)
    state.isSplit = arguments.has("--split")
    if arguments.has("--log") { state.scale = .log }
    if let pictures: PictureView = try arguments.choice("--pictures") {
      guard state.panel == .pictures else {
        throw UsageError("--pictures goes with --panel pictures")
      }
      state.pictures = pictures
    }
    state.smoothing = try arguments.number("--smooth", in: 0...0.999) ?? 0
    if arguments.has("--explain") {
      _ = state.handle(.character("e"), record: record, now: 0)
    }
  }

  private static func size(_ arguments: Arguments) throws(UsageError) -> Size {
    guard let text = arguments.value("--size") else { return Size(120, 40) }
    let parts = text.split(separator: "x").map { Int($0) }
    guard parts.count == 2, let width = parts[0], let height = parts[1],
      (Layout.smallest.width...500).contains(width), (Layout.smallest.height...300).contains(height)
    else {
      throw UsageError(
        "--size takes columns and rows such as 120x40, from \(Layout.smallest.width)x"
          + "\(Layout.smallest.height) to 500x300, not '\(text)'")
    }
    return Size(width, height)
  }
}
