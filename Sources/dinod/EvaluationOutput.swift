import Evaluation
import Features
import Run
import Store
import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// The folder for the files of an evaluation.
struct EvaluationOutput {
  let folder: String
  let withFeatures: Bool

  private static let report = "report.json"

  /// Creates the folder. Throws if it already has an evaluation, before anything is computed.
  init(folder: String, withFeatures: Bool) throws {
    self.folder = folder
    self.withFeatures = withFeatures
    try makeOutputFolder(folder, unlessItHas: Self.report)
  }

  func write(
    _ report: EvaluationReport, _ result: ProtocolResult, train: LabelledFeatures,
    test: LabelledFeatures
  ) throws {
    let classes = train.images.classes
    let matrix = ConfusionMatrix(
      result.predictions, labels: test.images.labels, classes: classes)
    try WholeFile.write(matrix.svg(title: report.headline), to: path("confusion.svg"))
    try WholeFile.write(predictions(result, test.images), to: path("predictions.csv"))
    if let (weight, bias, columns) = result.classifier {
      let result = result.results[result.chosen]
      try SafetensorsWriter.write(
        [
          .floats("weight", [classes.count, columns.count], weight),
          .floats("bias", [classes.count], bias),
        ],
        metadata: [
          "classes": try JSONText.line(classes), "layers": "\(result.layers ?? 1)",
          "pooled": "\(result.pooled ?? false)", "rate": "\(result.rate ?? 0)",
          "columns": "\(columns.lowerBound)-\(columns.upperBound)",
        ], to: path("classifier.safetensors"))
    }
    if withFeatures {
      try SafetensorsWriter.write(
        features("train", train) + features("test", test),
        metadata: ["classes": try JSONText.line(classes)], to: path("features.safetensors"))
    }
    // Last: a folder with a report is complete.
    try WholeFile.write(report.json(), to: path(Self.report))
  }

  private func path(_ name: String) -> String { folder + "/" + name }

  private func features(_ name: String, _ part: LabelledFeatures) -> [TensorSource] {
    [
      .floats("\(name).features", [part.table.count, part.table.width], part.table.values),
      .int64s("\(name).labels", [part.table.count], part.images.labels.map(Int64.init)),
    ]
  }

  private func predictions(_ result: ProtocolResult, _ images: LabelledImages) -> String {
    let lines = images.labels.indices.map { number in
      [
        images.path(number), images.classes[images.labels[number]],
        result.predictions[number] < 0 ? "" : images.classes[result.predictions[number]],
      ].map(\.csvField).joined(separator: ",")
    }
    return (["file,label,predicted"] + lines).joined(separator: "\n") + "\n"
  }
}

/// Creates a folder for output, and those above it. Throws if it has a file called `name`, or
/// cannot be written to.
func makeOutputFolder(_ folder: String, unlessItHas name: String) throws {
  try FileSystem.makeFolder(folder)
  guard FileSystem.isFolder(folder) else {
    throw RunError.file("\(folder): not a folder; --to takes the folder to write to")
  }
  guard FileSystem.allows(folder, W_OK) else {
    throw RunError.file("\(folder): cannot be written to: \(SystemReason.of())")
  }
  guard !FileSystem.exists(folder + "/" + name) else {
    throw RunError.file("\(folder)/\(name): already exists; choose another folder or remove it")
  }
}
