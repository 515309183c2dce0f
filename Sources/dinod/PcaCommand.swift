import CommandKit
import Crops
import Evaluation
import Features
import Images
import Run
import Store
import Support

extension Subcommand {
  static let pca = Subcommand(
    name: "pca", operands: "WEIGHTS IMAGES…", count: 2...Int.max,
    summary: "draw the first three principal components of patch features, common to all images",
    options: [
      Option("--to", "DIR", "the folder for the pictures", isNeeded: true),
      Option(
        "--threshold", "T", "foreground: first component above T deviations; by default 0"),
      Option("--flip", nil, "take the other side of the threshold as the foreground"),
    ] + EvaluationWeights.viewOptions + EvaluationWeights.options
  ) { try PcaCommand($0).run() }
}

/// Draws the components of the patches of images.
struct PcaCommand {
  private let weights: EvaluationWeights
  private let images: ImageViews
  private let components: PatchComponents
  private let folder: String
  private let batch: Int
  /// For the features. The components are computed in fp32.
  private let choice: Backend.Choice

  private static let sheet = "sheet.png"
  /// The most images on the sheet, and its columns, each an image next to its components.
  private static let shown = (most: 24, columns: 4)
  /// The most bytes of patch features, which are all in memory at the same time.
  private static let mostBytes = 4 << 30

  init(_ arguments: Arguments) throws {
    folder = arguments.needed("--to")
    components = PatchComponents(
      threshold: try arguments.number("--threshold", in: -10...10) ?? 0,
      isFlipped: arguments.has("--flip"))
    batch = try arguments.integer("--batch", in: 1...4096) ?? 16
    choice = try Backend.Choice(arguments).printingNotice()
    let files = try imageFiles(Array(arguments.operands.dropFirst()))
    weights = try EvaluationWeights(arguments.operands[0], arguments)
    images = ImageViews(files, view: try weights.view(arguments))
    let bytes = 4 * files.count * weights.shape.embedDim * grid.rows * grid.columns
    guard bytes <= Self.mostBytes else {
      throw UsageError(
        "the patches of \(Format.count(files.count, "image")) need \(bytes >> 20) MiB; at most "
          + "\(Self.mostBytes >> 20) MiB are allowed; give fewer images or a smaller --size")
    }
    try makeOutputFolder(folder, unlessItHas: Self.sheet)
  }

  private var grid: (rows: Int, columns: Int) {
    let patch = weights.shape.patchSize
    return (images.size.height / patch, images.size.width / patch)
  }

  func run() throws -> Int32 {
    let backend = try Backend(choice)
    let computation = FeatureComputation(weights: weights, batch: batch, backend: backend)
    var patches: [Float] = []
    var done: [Int] = []
    _ = try computation.forEachBatch(of: images, selection: Embedder.Selection(patches: true)) {
      patches += $2.download($1.patches!.buffer)
      done += $0
    }
    let outcome = try components.colours(
      patches, rows: grid.rows, columns: grid.columns, embedDim: weights.shape.embedDim,
      kernels: backend.makeKernels(.fp32))
    try draw(outcome, of: done)
    let foreground = outcome.colours.count { $0 != nil }
    let shares = outcome.explained.map { Format.decimals(100 * Double($0), 1) }
    print(
      "\(folder): \(done.count) images, \(foreground) of \(outcome.colours.count) patches are "
        + "foreground; the components show \(shares.joined(separator: ", ")) % of their variance")
    return 0
  }

  /// Writes two pictures for each image, its components alone and next to the image, and a sheet
  /// of the first ones.
  private func draw(_ outcome: PatchComponents.Outcome, of done: [Int]) throws {
    let each = grid.rows * grid.columns
    let digits = String(done.count).count
    var pairs: [RGBImage] = []
    for (place, number) in done.enumerated() {
      let painted = PatchPicture.paint(
        outcome.colours[place * each..<(place + 1) * each], columns: grid.columns,
        patch: weights.shape.patchSize)
      let pair = PatchPicture.beside(try images.picture(number), painted)
      let name = Self.name(images.name(number), place + 1, digits)
      try painted.writePNG(path: "\(folder)/\(name).pca.png")
      try pair.writePNG(path: "\(folder)/\(name).beside.png")
      if pairs.count < Self.shown.most { pairs.append(pair) }
    }
    try PatchPicture.contactSheet(pairs, columns: min(Self.shown.columns, pairs.count))
      .writePNG(path: folder + "/" + Self.sheet)
  }

  /// Returns a name such as `007-heron`. The number keeps apart files of different folders that
  /// have the same name.
  private static func name(_ file: String, _ number: Int, _ digits: Int) -> String {
    let last = file.split(separator: "/").last.map(String.init) ?? file
    let stem = last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text + "-" + stem
  }
}
