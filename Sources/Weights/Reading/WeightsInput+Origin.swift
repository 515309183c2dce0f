import History
import Store
import Support
import TensorFiles

extension WeightsInput {
  /// Where the weights are from: of a distillation's student, where its teacher was from; of a run that began with
  /// weights, where these were from. `nil` for other weights of runs.
  package func origin() -> WeightsOrigin? {
    if let run {
      return (recipe?.isDistilled == true ? Self.teacher(of: run) : nil) ?? run.weightsOrigin()
    }
    if checkpoint != nil { return nil }
    return facts.origin ?? WeightsOrigin(of: path, isDINOv3: tensors.isRotary(facts))
  }

  /// Reads what a run's copy of its frozen teacher says.
  private static func teacher(of run: RunDirectory) -> WeightsOrigin? {
    let folder = run.path + "/teacher"
    let names = (try? FileSystem.names(in: folder)) ?? []
    return names.sorted().lazy.compactMap { name in
      (try? TensorFormat.open("\(folder)/\(name)/\(frozenTeacher)"))
        .flatMap { WeightsOrigin(metadata: $0.metadata) }
    }.first
  }

  /// The name of the file that a run keeps its frozen teacher in.
  package static let frozenTeacher = "teacher.safetensors"
}
