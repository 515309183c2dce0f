import Kernels
import Model
import Store
import Support

extension Engine {
  /// A file of a checkpoint that holds some of a student's state.
  private struct File {
    let name: String
    let parts: [Part]

    /// Whether parts are told apart by what stands before their tensors' names.
    var isShared: Bool { parts.count > 1 }
  }

  /// The files of a student. Of several, its name is a part of theirs.
  private func files(of student: Student) -> [File] {
    let suffix = students.count > 1 ? ".\(student.shape.name)" : ""
    // A frozen teacher never changes, and is kept once with the run.
    let average: (name: String, part: Part) =
      shape.frozenTeacher == nil ? ("teacher", .teacher) : ("average", .average)
    return [
      ("student", [.student]), (average.name, [average.part]), ("optimizer", [.expAvg, .expAvgSq]),
    ]
    .map { File(name: "\($0)\(suffix).safetensors", parts: $1) }
  }

  private static let updatesKey = "optimizer_updates"

  /// Adds the whole state to a checkpoint: students and their averages under the official code's
  /// names, so that each file loads by itself, and the optimisers' moments.
  package func write(to checkpoint: CheckpointWriter) throws(FileError) {
    for student in students {
      for file in files(of: student) {
        var sources = file.parts.flatMap { tensors(of: $0, student, prefix: file.isShared) }
        if holdsCenters(file, student) {
          for (name, center) in centers.sorted(by: { $0.key < $1.key }) {
            sources.append(.floats("center.\(name)", [center.count], center))
          }
        }
        try checkpoint.addTensors(
          file.name, sources, metadata: [Self.updatesKey: String(student.updates)])
      }
    }
  }

  /// Centers are the teacher's, and stand with the first student's moments.
  private func holdsCenters(_ file: File, _ student: Student) -> Bool {
    file.parts.contains(.expAvg) && student === students[0]
  }

  private func tensors(of part: Part, _ student: Student, prefix: Bool) -> [TensorSource] {
    let buffer = buffer(part, of: student)
    return student.layout.parameters.map { parameter in
      .floats((prefix ? part.rawValue + "." : "") + parameter.name, parameter.shape) {
        [kernels] range, target in
        let first = parameter.range.lowerBound
        kernels.download(buffer[first + range.lowerBound..<first + range.upperBound], to: target)
      }
    }
  }

  /// Takes the state of a checkpoint up again; positions for another grid of patches are resized. A
  /// tensor that is missing, or else of another shape than this recipe's, is an error that names it.
  package func load(_ checkpoint: Checkpoint) throws(FileError) {
    for student in students {
      for file in files(of: student) {
        let tensors = try checkpoint.tensors(file.name)
        for part in file.parts { try load(part, student, tensors, prefix: file.isShared) }
        guard file.parts.contains(.expAvg) else { continue }
        student.updates = tensors.metadata[Self.updatesKey].flatMap { Int($0) } ?? checkpoint.step
        guard holdsCenters(file, student) else { continue }
        var found = centers
        for name in found.keys { found[name] = try tensors.floats("center.\(name)") }
        centers = found
      }
    }
  }

  private func load(
    _ part: Part, _ student: Student, _ tensors: SafetensorsFile, prefix: Bool
  ) throws(FileError) {
    let target = buffer(part, of: student)
    for parameter in student.layout.parameters {
      let name = (prefix ? part.rawValue + "." : "") + parameter.name
      let shape = try tensors.tensor(name).shape
      if let grid = grid(of: parameter, student, shape) {
        let resized = resizedPositions(try tensors.floats(name), part, student, from: grid)
        kernels.upload(resized, to: target[parameter.range])
        continue
      }
      guard shape == parameter.shape else {
        throw FileError(
          file: tensors.path,
          what: "\(name) has shape \(shape), the recipe makes it \(parameter.shape)",
          remedy: "resume with the recipe that the checkpoint was trained with")
      }
      let place = target[parameter.range]
      try tensors.readFloats(name) { kernels.upload($1, to: place[$0]) }
    }
  }

  /// The side of the grid that a checkpoint's positions are for, where it is another than this one.
  private func grid(of parameter: Parameter, _ student: Student, _ shape: [Int]) -> Int? {
    guard parameter.name == BackboneShape.positions, shape != parameter.shape else { return nil }
    return student.shape.network.backbone.grid(ofPositions: shape)
  }

  /// Positions, or their moments, resized to this engine's grid. Bicubic weights can be negative, but
  /// a second moment cannot, whose root AdamW divides by: it falls no lower than the least that was.
  private func resizedPositions(
    _ values: [Float], _ part: Part, _ student: Student, from grid: Int
  ) -> [Float] {
    let backbone = student.shape.network.backbone
    let resized = backbone.resizing(from: grid)(values, width: backbone.embedDim)
    guard part == .expAvgSq, let least = values.min() else { return resized }
    return resized.map { max($0, least) }
  }
}
