import Store
import Support

/// The file in a checkpoint that holds a network: `teacher.safetensors` or `student.safetensors`;
/// in a distillation, `average.safetensors`; with several students,
/// `average.vit_small.safetensors`.
struct NetworkFile {
  let part: NetworkPart
  /// The student that the network belongs to, if the checkpoint has several; otherwise `nil`.
  let arch: String?
  let name: String

  private static let ending = ".safetensors"

  /// Finds the file of the network `which`: if it is `nil`, the teacher's, or the average's in a
  /// distillation. `option` is the command-line option for `arch`, quoted in errors.
  init(
    in checkpoint: Checkpoint, which: NetworkPart?, arch: String?, option: String
  ) throws(FileError) {
    let names = checkpoint.manifest.files.map(\.name).filter { $0.hasSuffix(Self.ending) }
    let isDistilled = names.contains { $0.hasPrefix(NetworkPart.average.rawValue + ".") }
    let part = which ?? (isDistilled ? .average : .teacher)
    var archs: [String?] = []
    for name in names {
      let words = name.split(separator: ".").map(String.init)
      if words[0] == part.rawValue { archs.append(words.count == 3 ? words[1] : nil) }
    }
    self.part = part
    func refusal(_ what: String, _ remedy: String) -> FileError {
      FileError(file: checkpoint.path, what: what, remedy: remedy)
    }
    guard let only = archs.first else {
      throw isDistilled
        ? refusal(
          "holds no teacher: the frozen teacher of a distillation is stored once, outside",
          "use the folder teacher of the run, or the run that it came from")
        : refusal("holds no \(part.rawValue)", "give one of a distillation, or leave --which out")
    }
    let known: [String] = archs.compactMap { $0 }
    if let arch, !known.contains(arch) {
      throw refusal(
        "has no student \(arch)",
        known.isEmpty
          ? "it has one: leave \(option) out" : "it has \(known.joined(separator: ", "))")
    }
    guard arch != nil || archs.count == 1 else {
      throw refusal(
        "has several students", "choose one with \(option): \(known.joined(separator: ", "))")
    }
    self.arch = arch ?? only
    name = part.rawValue + (self.arch.map { "." + $0 } ?? "") + Self.ending
  }
}
