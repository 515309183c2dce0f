import CommandKit
import History
import Store
import Support
import Weights

extension Subcommand {
  static let export = Subcommand(
    name: "export", operands: "RUN|CHECKPOINT|WEIGHTS", count: 1...1,
    summary: "write weights for Hugging Face, timm, the official code, ONNX or as safetensors",
    options: [
      Option("--format", "F", ExportFormat.allCases.map(\.rawValue).alternatives, isNeeded: true),
      Option("--to", "DIR", "a new folder", isNeeded: true),
      Option(
        "--size", "S", "onnx: side of the images, pixels; by default what the weights are for"),
      Option(
        "--which", "N",
        "teacher (default) or student; average (default) or student of a distillation"),
      Option("--arch", "A", "which student of a distillation, if it has several"),
      directory,
    ],
    details: """
      Of a run its best checkpoint is written, by session.checkpoint_best_by; RUN@last is the newest, RUN@STEP
      that of a step.
      """
  ) { arguments in
    let format: ExportFormat = try arguments.choice("--format")!
    let size = try arguments.integer("--size", in: 1...65_536)
    guard size == nil || format == .onnx else {
      throw UsageError(
        "--size is for onnx; other formats have positions for one size and resize them")
    }
    let output = try WeightsOutput(
      arguments, arch: arguments.value("--arch"),
      // The best by the probe is that of a distillation's first student.
      wanted: arguments.value("--arch") == nil ? .best : .last)
    let export = try WeightsExport(output.input, withHeads: format == .safetensors)
    try export.write(format, size: size, to: output.folder)
    print("\(output.folder): \(export.weights.summary), for \(format.rawValue)")
    return 0
  }

  static let importWeights = Subcommand(
    name: "import", operands: "WEIGHTS", count: 1...1,
    summary: "convert weights of another program (.pth, .safetensors, a folder) to Dino's format",
    options: [
      Option("--to", "DIR", "a new folder", isNeeded: true),
      Option("--which", "N", "teacher (default) or student, of a file with both"),
      directory,
    ]
  ) { arguments in
    let output = try WeightsOutput(arguments)
    let export = try WeightsExport(output.input, withHeads: true)
    try export.write(.safetensors, to: output.folder)
    let weights = export.weights
    print("\(output.folder): \(weights.summary), read as \(weights.source.layout)")
    let heads = Set(export.headNames.map { String($0.prefix { $0 != "." }) }).sorted()
    print("heads: \(heads.isEmpty ? "none" : heads.joined(separator: ", "))")
    for name in weights.source.missing { print("missing: \(name) (filled with zeros)") }
    for name in weights.source.leftOver { print("left over: \(name)") }
    return 0
  }
}

/// The arguments that `export` and `import` share: open weights, and the folder to write.
private struct WeightsOutput {
  let input: WeightsInput
  let folder: String

  /// - Parameters:
  ///   - arch: which of several students.
  ///   - wanted: which checkpoint of a run, if the argument does not say it.
  init(_ arguments: Arguments, arch: String? = nil, wanted: RunCheckpoint = .last) throws {
    let folder = arguments.needed("--to")
    // Checked before gigabytes are read.
    try FolderOutput.checkIsVacant(folder)
    self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    input = try WeightsInput.open(
      arguments.operands[0], which: try arguments.choice("--which"),
      arch: arch,
      runs: arguments.value("--dir").map { FilePath.absolute($0) }, wanted: wanted)
    input.notices.forEach(tell)
  }
}
