import History
import Store
import Weights

extension DaemonCommand {
  static let export = DaemonCommand(
    name: "export", operands: "RUN|CHECKPOINT|WEIGHTS",
    summary: "writes weights for Hugging Face, timm, the official code or as safetensors",
    options: [
      CommandOption(
        name: "format", value: "F",
        meaning: ExportFormat.allCases.map(\.rawValue).joined(separator: ", "), isNeeded: true),
      CommandOption(
        name: "to", value: "DIR", meaning: "a folder that is not there yet", isNeeded: true),
      CommandOption(
        name: "which", value: "N",
        meaning: "teacher (default) or student; average (default) or student of a distillation"),
      CommandOption(
        name: "arch", value: "A", meaning: "which of a distillation's several students"),
      CommandOption(name: "dir", value: "D", meaning: "the folder that holds runs"),
    ],
    operandCount: 1...1
  ) { arguments in
    guard let format = arguments.value("format").flatMap(ExportFormat.init(rawValue:)) else {
      let names = ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError(description: "--format must be one of \(names)")
    }
    let output = try WeightsOutput(arguments)
    let export = try WeightsExport(output.input, withHeads: format == .safetensors)
    try export.write(format, to: output.folder)
    print("\(output.folder): \(export.weights.summary), for \(format.rawValue)")
    return 0
  }

  static let importWeights = DaemonCommand(
    name: "import", operands: "WEIGHTS",
    summary: "reads weights of another program (.pth, .safetensors, a folder) into Dino's own form",
    options: [
      CommandOption(
        name: "to", value: "DIR", meaning: "a folder that is not there yet", isNeeded: true),
      CommandOption(
        name: "which", value: "N", meaning: "teacher (default) or student, of a file with both"),
      CommandOption(name: "dir", value: "D", meaning: "the folder that holds runs"),
    ],
    operandCount: 1...1
  ) { arguments in
    let output = try WeightsOutput(arguments)
    let export = try WeightsExport(output.input, withHeads: true)
    try export.write(.safetensors, to: output.folder)
    let weights = export.weights
    print("\(output.folder): \(weights.summary), read as \(weights.source.layout)")
    let heads = Set(export.headNames.map { String($0.prefix { $0 != "." }) }).sorted()
    print("heads: \(heads.isEmpty ? "none" : heads.joined(separator: ", "))")
    for name in weights.source.missing { print("missing: \(name) (zeros in its place)") }
    for name in weights.source.leftOver { print("left over: \(name)") }
    return 0
  }
}

/// What `export` and `import` share: weights that are open, and a place to put them.
private struct WeightsOutput {
  let input: WeightsInput
  let folder: String

  init(_ arguments: Arguments) throws {
    guard let folder = arguments.value("to") else {
      throw UsageError(description: "--to DIR is needed: a folder that is not there yet")
    }
    // Asked before gigabytes are read.
    try FolderOutput.checkRoom(folder)
    self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    var which: NetworkPart?
    if let name = arguments.value("which") {
      guard let part = NetworkPart(rawValue: name) else {
        throw UsageError(
          description:
            "--which must be teacher or student, or a distillation's average, not '\(name)'")
      }
      which = part
    }
    input = try WeightsInput.open(
      arguments.operands[0], which: which, arch: arguments.value("arch"),
      runs: arguments.value("dir").map(absolutePath))
    input.notices.forEach(tell)
  }
}
