import History
import Model
import Recipe
import Store
import Support

/// Weights that are open for reading: the tensors' names are known, their values not yet read.
package struct WeightsInput {
  let tensors: OfficialTensors
  let facts: SourceFacts
  /// The run, checkpoint, folder or file, as it was found.
  package let path: String
  /// The recipe that made them, where it is kept with them.
  package let recipe: Recipe?
  /// The checkpoint that they are from, and which of its networks they are.
  package let checkpoint: Checkpoint?
  package let part: NetworkPart?
  /// The run that they are from.
  package let run: RunDirectory?
  /// What a person should know: newer checkpoints that are damaged.
  package private(set) var notices: [String] = []

  /// Finds what `path` stands for: a run's name or folder (its newest whole checkpoint, or with
  /// `@STEP` that of a step), a checkpoint, a folder with `model.safetensors` or `pytorch_model.bin`, or a file.
  ///
  /// - Parameters:
  ///   - which: nil: the teacher where there are both, of a distillation the student's average.
  ///   - arch: which of a distillation's students, where it has several; `archOption`: how a person
  ///     says so.
  ///   - runs: the folder that holds runs; nil: the customary one.
  package static func open(
    _ path: String, which: NetworkPart? = nil, arch: String? = nil,
    archOption: String = "--arch", runs: String? = nil
  ) throws(FileError) -> WeightsInput {
    switch try WeightsPlace(path, runs: runs) {
    case .checkpoint(let checkpoint, let run, let passedOver):
      var input = try WeightsInput(
        checkpoint, try NetworkFile(in: checkpoint, which: which, arch: arch, option: archOption),
        run: run)
      input.notices = passedOver.map { "\($0); step \(checkpoint.step) is taken" }
      return input
    case .file(let file): return try WeightsInput(file: file, which: which)
    }
  }

  private init(
    _ checkpoint: Checkpoint, _ file: NetworkFile, run: RunDirectory?
  ) throws(FileError) {
    var recipe: Recipe
    do throws(RecipeError) {
      recipe = try Recipe.read(file: checkpoint.file("recipe.yaml"))
    } catch {
      throw FileError(
        file: checkpoint.path, what: "its recipe cannot be read (\(error))",
        remedy: "take another checkpoint")
    }
    recipe = recipe.students.first { $0.student.arch == file.arch } ?? recipe.students[0]
    // One network a file, which is why nothing has to be chosen in it.
    tensors = try OfficialTensors(
      checkpoint.tensors(file.name), which: nil)
    facts = SourceFacts(recipe)
    path = checkpoint.path
    self.recipe = recipe
    self.checkpoint = checkpoint
    part = file.part
    self.run = run
  }

  private init(file path: String, which: NetworkPart?) throws(FileError) {
    let file = try TensorFiles.open(path)
    let folder = FilePath.parent(of: path)
    tensors = try OfficialTensors(file, which: which)
    let beside = folder + "/recipe.yaml"
    recipe = FileSystem.exists(beside) ? try? Recipe.read(file: beside) : nil
    facts = SourceFacts(metadata: file.metadata)
      .filled(from: try SourceFacts(folder: folder))
      .filled(from: recipe.map(SourceFacts.init) ?? SourceFacts())
    self.path = path
    checkpoint = nil
    part = nil
    run = nil
  }
}
