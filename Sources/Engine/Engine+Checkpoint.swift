import Kernels
import Model
import Store
import Support

extension Engine {
  /// A file of a checkpoint with a part of a student's state.
  struct File {
    let name: String
    let parts: [Part]

    /// Whether the file holds several parts, which prefixes of their tensors' names tell apart.
    var isShared: Bool { parts.count > 1 }
  }

  /// The files of a student. Where there are several students, file names contain the student's name.
  func files(of student: Student) -> [File] {
    let suffix = students.count > 1 ? ".\(student.shape.name)" : ""
    // A frozen teacher never changes; the run keeps it once, outside the checkpoints.
    let average: (name: String, part: Part) =
      shape.frozenTeacher == nil ? ("teacher", .teacher) : ("average", .average)
    return [
      ("student", [.student]), (average.name, [average.part]), ("optimizer", [.expAvg, .expAvgSq]),
    ]
    .map { File(name: "\($0)\(suffix).safetensors", parts: $1) }
  }

  private static let updatesKey = "optimizer_updates"
  private static let targetUpdatesKey = "target_updates"

  /// Adds the whole state to a checkpoint: the parameters of students and of their averages under the
  /// official code's names, so that each file can be loaded by itself, and the optimisers' moments.
  ///
  /// Where every process owns parts of the state and can write to the checkpoint's folder, each writes what
  /// it owns. Otherwise process 0 fetches the others' parts, unit by unit. The files are the same.
  package func write(to checkpoint: CheckpointWriter) throws(FileError) {
    defer { window = nil }
    let isShared = try canAllWrite(to: checkpoint)
    for student in students {
      for file in files(of: student) {
        let state = file.parts.flatMap { tensors(of: $0, student, prefix: file.isShared) }
        let centers = holdsCenters(file, student) ? namedCenters : []
        let sources = state + centers.map { .floats($0, [$1.count], $1) }
        var metadata = [Self.updatesKey: String(student.updates)]
        if !centers.isEmpty { metadata[Self.targetUpdatesKey] = String(targetUpdates) }
        if isShared {
          try checkpoint.addTensors(file.name, sources, metadata: metadata) {
            (path, layout) throws(FileError) in
            try write(
              file, of: student, to: path, from: layout.dataOffset,
              besides: centers.map { (layout.offset(of: $0), $1) })
          }
        } else {
          try checkpoint.addTensors(file.name, sources, metadata: metadata)
        }
      }
    }
  }

  private var namedCenters: [(String, [Float])] {
    centers.sorted { $0.key < $1.key }.map { ("center.\($0)", $1) }
  }

  /// Whether the file is the one with the centers of the targets: that of the first student's moments.
  private func holdsCenters(_ file: File, _ student: Student) -> Bool {
    file.parts.contains(.expAvg) && student === students[0]
  }

  private func tensors(of part: Part, _ student: Student, prefix: Bool) -> [TensorSource] {
    student.layout.parameters.map { parameter in
      .floats((prefix ? part.rawValue + "." : "") + parameter.name, parameter.shape) {
        [self] range, target in
        let first = parameter.range.lowerBound
        read(part, of: student, first + range.lowerBound..<first + range.upperBound, to: target)
      }
    }
  }

  /// Restores the state of a checkpoint. Position embeddings for another grid of patches are resized. A
  /// tensor that is missing or that has another shape than the recipe's is an error that names it.
  package func load(_ checkpoint: Checkpoint) throws(FileError) {
    for student in students {
      for file in files(of: student) {
        let tensors = try checkpoint.tensors(file.name)
        for part in file.parts { try load(part, student, tensors, prefix: file.isShared) }
        guard file.parts.contains(.expAvg) else { continue }
        student.updates = tensors.metadata[Self.updatesKey].flatMap { Int($0) } ?? checkpoint.step
        guard holdsCenters(file, student) else { continue }
        targetUpdates =
          tensors.metadata[Self.targetUpdatesKey].flatMap { Int($0) } ?? student.updates
        var found = centers
        for name in found.keys { found[name] = try tensors.floats("center.\(name)") }
        centers = found
      }
    }
  }

  private func load(
    _ part: Part, _ student: Student, _ tensors: SafetensorsFile, prefix: Bool
  ) throws(FileError) {
    defer {
      flush()
      window = nil
    }
    for parameter in student.layout.parameters {
      let name = (prefix ? part.rawValue + "." : "") + parameter.name
      let shape = try tensors.tensor(name).shape
      if let grid = grid(of: parameter, student, shape) {
        let resized = resizedPositions(try tensors.floats(name), part, student, from: grid)
        resized.withUnsafeBufferPointer { write(part, of: student, parameter.range, $0) }
        continue
      }
      guard shape == parameter.shape else {
        throw FileError(
          file: tensors.path,
          what: "\(name) has shape \(shape), the recipe needs \(parameter.shape)",
          remedy: "resume with the recipe that the checkpoint was trained with")
      }
      let first = parameter.range.lowerBound
      try tensors.readFloats(name) {
        write(part, of: student, first + $0.lowerBound..<first + $0.upperBound, $1)
      }
    }
  }

  /// The side of the grid of a checkpoint's position embeddings, if it differs from this engine's.
  private func grid(of parameter: Parameter, _ student: Student, _ shape: [Int]) -> Int? {
    guard parameter.name == BackboneShape.positions, shape != parameter.shape else { return nil }
    return student.shape.network.backbone.grid(ofPositions: shape)
  }

  /// Position embeddings, or their moments, resized to this engine's grid. Bicubic weights can be
  /// negative, but a second moment cannot, since AdamW divides by its root: it is held at the smallest
  /// value that it had before.
  private func resizedPositions(
    _ values: [Float], _ part: Part, _ student: Student, from grid: Int
  ) -> [Float] {
    let backbone = student.shape.network.backbone
    let resized = backbone.resizing(from: grid)(values, width: backbone.embedDim)
    guard part == .expAvgSq, let least = values.min() else { return resized }
    return resized.map { max($0, least) }
  }
}
