import Settings
import History
import Model
import Recipe
import Store
import Support
import TensorFiles

/// Weights that are open for reading. The tensors' names are known; values are read on request.
package struct WeightsInput {
  let tensors: OfficialTensors
  let facts: SourceFacts
  /// The checkpoint's folder or the file that the weights are read from.
  package let path: String
  /// The recipe of the run that made the weights, or `nil` if it is not stored with them.
  package let recipe: Recipe?
  /// The checkpoint and which of its networks the weights are, or `nil` if they are not from one.
  package let checkpoint: Checkpoint?
  package let part: NetworkPart?
  /// The run that the weights are from, or `nil`.
  package let run: RunDirectory?
  /// Messages for the user: newer checkpoints that are damaged, and names with two meanings.
  package private(set) var notices: [String] = []

  /// Opens the weights at `path`: a run's name or folder (its newest intact checkpoint; that of a step
  /// with `@STEP`, or `@best`), a checkpoint, a folder with `model.safetensors`, `pytorch_model.bin`,
  /// `model.pth` or the index of one in several files, or a file.
  ///
  /// - Parameters:
  ///   - which: the network to read. If `nil`, the teacher, or the student's average in a
  ///     distillation.
  ///   - arch: the student to read, in a distillation with several.
  ///   - archOption: the command-line option for `arch`, quoted in errors.
  ///   - runs: the folder that holds runs. If `nil`, the default one.
  ///   - wanted: which checkpoint of a run, if `path` does not say it.
  package static func open(
    _ path: String, which: NetworkPart? = nil, arch: String? = nil,
    archOption: String = "--arch", runs: String? = nil, wanted: RunCheckpoint = .last
  ) throws(FileError) -> WeightsInput {
    switch try WeightsLocation(path, runs: runs, wanted: wanted) {
    case .checkpoint(let checkpoint, let run, let notices):
      var input = try WeightsInput(
        checkpoint, try NetworkFile(in: checkpoint, which: which, arch: arch, option: archOption),
        run: run)
      input.notices = notices
      if run != nil, !path.contains("/"), FileSystem.exists(path) {
        input.notices.append("\(path) is taken for the run; ./\(path) is what lies here")
      }
      return input
    case .file(let file): return try WeightsInput(file: file, which: which)
    }
  }

  private init(
    _ checkpoint: Checkpoint, _ file: NetworkFile, run: RunDirectory?
  ) throws(FileError) {
    var recipe = try Self.recipe(checkpoint.file("recipe.yaml"), of: checkpoint.path)
    recipe = recipe.students.first { $0.student.arch == file.arch } ?? recipe.students[0]
    // A checkpoint's file holds one network, so none has to be chosen.
    tensors = try OfficialTensors(
      checkpoint.tensors(file.name), which: nil, isTimm: false)
    facts = SourceFacts(recipe, file: checkpoint.file("recipe.yaml"))
    path = checkpoint.path
    self.recipe = recipe
    self.checkpoint = checkpoint
    part = file.part
    self.run = run
  }

  /// Reads the recipe of weights at `owner`.
  private static func recipe(_ path: String, of owner: String) throws(FileError) -> Recipe {
    do throws(SettingError) {
      return try Recipe.read(file: path)
    } catch {
      throw FileError(
        file: owner, what: "its recipe cannot be read (\(error))",
        remedy: path == owner
          ? "put it right, or take it away if it is not of these weights"
          : "take another checkpoint")
    }
  }

  private init(file path: String, which: NetworkPart?) throws(FileError) {
    let file = try TensorFormat.open(path)
    let folder = FilePath.parent(of: path)
    let stated = try SourceFacts(metadata: file.metadata, of: path)
      .filled(from: try SourceFacts(folder: folder))
    tensors = try OfficialTensors(file, which: which, isTimm: stated.isTimm)
    let beside = folder + "/recipe.yaml"
    recipe =
      FileSystem.exists(beside) ? tensors.recipe(try Self.recipe(beside, of: beside)) : nil
    facts = stated.filled(
      from: recipe.map { SourceFacts($0, file: beside) } ?? SourceFacts())
    self.path = path
    checkpoint = nil
    part = nil
    run = nil
  }
}
