import CommandKit
import Curation
import Images
import Run
import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Shows what is known about a pool.
struct CurationView {
  let context: CurationContext

  init(_ context: CurationContext) { self.context = context }

  private var catalogue: Catalogue { context.catalogue }

  /// Prints what became of the images.
  func status(asJSON: Bool) throws {
    let status = try CurationStatus(context.pool, catalogue, context.plan)
    if asJSON {
      print(try JSONText.line(status))
      return
    }
    print(
      "\(status.pool): \(Format.count(status.images, "image")), \(Format.count(status.damaged)) "
        + "damaged, in \(status.folder)\n")
    let rows = status.stages.map { stage in
      let dropped = stage.dropped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { "\($0.key) \(Format.count($0.value))" }.joined(separator: ", ")
      return [
        stage.name, stage.isDone ? stage.isStale ? "stale" : "done" : "-", Format.count(stage.kept),
        dropped,
        stage.isDone ? Format.decimals(stage.seconds, 1) : "",
      ]
    }
    print(
      TextTable(
        [
          ("stage", .left), ("state", .left), ("left", .right), ("dropped", .left),
          ("seconds", .right),
        ], rows
      ).text)
    if status.stages.contains(where: \.isStale) {
      print(
        "\nwhat is stale was done by other keys than the plan has now; run the plan to do it again")
    }
  }

  /// Prints what became of an image.
  func why(_ file: String) throws {
    if file.contains("://") { return try tell(address: file) }
    let found = try catalogue.images(endingIn: file, most: 10)
    guard !found.isEmpty else {
      throw RunError.file("\(file): not in the pool \(context.pool.name)")
    }
    for image in found { try tell(image) }
  }

  private func tell(_ image: CatalogueImage) throws {
    print(PrintableText.line(try catalogue.path(of: image)))
    if let problem = image.problem {
      print("  damaged: \(PrintableText.line(problem))")
    } else {
      print(
        "  \(image.width) x \(image.height) pixels, entropy \(Format.decimals(image.entropy, 2)), "
          + "one colour \(Format.decimals(image.oneColour, 2)), sharpness "
          + "\(Format.decimals(image.sharpness, 1)), text \(Format.decimals(image.text, 2))")
    }
    try tellOrigins(of: image)
    guard let verdict = try catalogue.verdict(on: image.id) else {
      print("  \(try standing(image))")
      return
    }
    let score = verdict.score.map { " \(Format.decimals($0, 3))" } ?? ""
    print("  dropped by \(verdict.stage.rawValue): \(verdict.rule)\(score)")
    if let other = try verdict.other.flatMap({ try catalogue.image($0) }) {
      print("  because of \(PrintableText.line(try catalogue.path(of: other)))")
    }
  }

  /// What is known of an image that no stage has dropped.
  private func standing(_ image: CatalogueImage) throws -> String {
    if let role = try catalogue.role(of: image), role != .pool { return "an \(role.words)" }
    guard image.width > 0 || image.problem != nil else {
      return "not decoded yet, or not readable at the moment"
    }
    let done = try StageName.allCases.last { try catalogue.stage($0)?.output != nil }
    return done == .apply ? "kept" : "kept so far, after \(done?.rawValue ?? "no stage")"
  }

  /// Prints the pairs of copies and of what is nearly one, the likest first.
  func pairs() throws {
    let images = try catalogue.images(keptAfter: nil)
    let files = Dictionary(uniqueKeysWithValues: images.map { ($0.id, $0.file) })
    print("a,b,score,rule")
    for pair in try catalogue.pairs(of: .duplicates).reversed() {
      guard let a = files[pair.a], let b = files[pair.b] else { continue }
      // Names need not be UTF-8.
      let line = ByteText.bytes("\(a.csvField),\(b.csvField),\(pair.score),\(pair.rule)\n")
      fwrite(line, 1, line.count, stdout)
    }
  }

  /// Writes a sheet as a page and a picture, and prints it on a terminal.
  func sheet(_ subject: Sheet.Subject, after stage: StageName, to folder: String) throws {
    let sheet = try Sheet(subject, context, after: stage)
    let pictures = try SheetPictures(sheet, context)
    let base = FilePath.absolute(folder) + "/" + subject.rawValue
    try FileSystem.makeFolder(FilePath.parent(of: base))
    try WholeFile.write(sheet.html(pictures), to: base + ".html")
    try sheet.picture(pictures).writePNG(path: base + ".png")
    if isatty(STDOUT_FILENO) == 1 {
      var size = winsize()
      let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
      print(
        sheet.terminal(
          pictures, columns: isKnown ? Int(size.ws_col) : 80,
          isColoured: Environment.value("NO_COLOR") == nil
            && Environment.value("TERM") != "dumb"))
    } else {
      for section in sheet.sections {
        print(section.summary)
      }
    }
    print("\(base).html\n\(base).png")
  }
}
