import History
import Model
import Recipe
import Run
import Store
import Support
import Weights

/// The teacher of a distillation. It never changes, and is copied once into the run's folder, with
/// checksums: what it came from may go on, be pruned or be gone.
package struct FrozenTeacher {
  package let network: NetworkShape
  private var input: WeightsInput
  /// Whether `input` is the run's own copy.
  private var isKept: Bool

  private static let file = "teacher.safetensors"
  private static let sourceKey = "distillation.teacher"

  /// The teacher that a recipe names, looked up and compared with the recipe; nil where it names none.
  ///
  /// - Parameter runs: the folder in which a run's name is looked for.
  package init?(_ recipe: Recipe, runs: String) throws(FileError) {
    guard recipe.isDistilled else { return nil }
    let arch = recipe.distillation.teacherArch
    let input = try WeightsInput.open(
      recipe.distillation.teacher, arch: arch.isEmpty ? nil : arch,
      archOption: "distillation.teacher_arch (dino distill --teacher-arch)", runs: runs)
    try self.init(input, isKept: false)
    try check(recipe)
  }

  /// The teacher of a run: its own copy, or before there is one, what the recipe names.
  package init?(_ recipe: Recipe, of directory: RunDirectory) throws(FileError) {
    guard recipe.isDistilled else { return nil }
    if let kept = try Self.kept(recipe, directory) {
      let file = try WeightsInput.open(kept.file(Self.file))
      try self.init(file, isKept: true)
      try check(recipe)
    } else {
      try self.init(recipe, runs: FilePath.parent(of: directory.path))
    }
  }

  private init(_ input: WeightsInput, isKept: Bool) throws(FileError) {
    self.input = input
    self.isKept = isKept
    network = try input.network()
  }

  /// A run's copy, unless it was made for another recipe before the run began.
  private static func kept(
    _ recipe: Recipe, _ directory: RunDirectory
  ) throws(FileError) -> Checkpoint? {
    var damage: String?
    let kept = try store(directory).latestIntact { damage = damage ?? $0 }
    if kept == nil, let damage, directory.exists {
      throw FileError(
        file: directory.path + "/teacher", what: "the frozen teacher cannot be read: \(damage)",
        remedy: "bring its files back, or begin a new run")
    }
    return kept.flatMap {
      $0.manifest.info[sourceKey] == source(recipe) ? $0 : nil
    }
  }

  /// What a recipe names for its teacher, in one text.
  private static func source(_ recipe: Recipe) -> String {
    let (teacher, arch) = (recipe.distillation.teacher, recipe.distillation.teacherArch)
    return arch.isEmpty ? teacher : "\(teacher), \(arch)"
  }

  private static func store(_ directory: RunDirectory, program: String = "dino") -> CheckpointStore
  {
    CheckpointStore(directory: directory.path + "/teacher", program: program)
  }

  /// Keeps a copy with the run, where there is none yet, and reads it from there from now on; writes
  /// down where it came from. Gives what a person should know of it.
  mutating func keep(
    _ recipe: Recipe, in directory: RunDirectory, program: String
  ) throws -> [(level: RunEvent.Level, kind: String, text: String)] {
    guard !isKept else { return [] }
    let store = Self.store(directory, program: program)
    try FileSystem.remove(store.directory)
    let step = input.checkpoint?.step ?? 0
    // First: with the copy all of this is done. A parent is known by its name alone, among the runs of
    // one folder.
    let folder = FilePath.canonical(FilePath.parent(of: directory.path))
    if let parent = input.run, directory.origin == nil,
      FilePath.canonical(FilePath.parent(of: parent.path)) == folder
    {
      try directory.keep(RunOrigin(run: parent.name, step: step, kind: RunOrigin.distillation))
    }
    let info = [Self.sourceKey: Self.source(recipe)]
    try store.write(step: step, info: info) { (writer) throws(FileError) in
      try input.write(network, to: writer, as: Self.file)
    }
    let backbone = network.backbone
    if let kept = try Self.kept(recipe, directory) {
      (input, isKept) = (try WeightsInput.open(kept.file(Self.file)), true)
    }
    return [
      (
        .info, "teacher",
        "frozen: \(Self.source(recipe)), \(backbone.embedDim) wide, \(backbone.depth) blocks"
      )
    ]
  }

  /// Gives a new run the copy that another run keeps, if it has one.
  package static func adopt(from parent: RunDirectory, into child: RunDirectory) throws {
    guard let kept = try store(parent).latestIntact(onDamaged: { _ in }) else { return }
    // What an adoption that was cut off has left.
    try FileSystem.remove(store(child).directory)
    try store(child).adopt(kept)
  }

  /// Its parameters, in the order of its layout.
  func values() throws(FileError) -> [Float] { try input.values(of: network) }

  /// Refuses a recipe whose students cannot be compared with it.
  private func check(_ recipe: Recipe) throws(FileError) {
    let student = NetworkShape(recipe.students[0])
    let isTied = student.ibotHead == nil
    let pairs: [(key: String, what: String, of: Int, student: Int)] = [
      (
        "student.patch_size", "patches of side", network.backbone.patchSize,
        student.backbone.patchSize
      ),
      (
        "dino.head_n_prototypes", "prototypes for images", network.dinoHead.prototypes,
        student.dinoHead.prototypes
      ),
      (
        isTied ? "dino.head_n_prototypes" : "ibot.head_n_prototypes", "prototypes for patches",
        network.patchPrototypes, student.patchPrototypes
      ),
    ]
    guard !isTied || network.ibotHead == nil else {
      throw FileError(
        file: input.path,
        what: "has a head for patches, and the recipe's students have one head for both",
        remedy: "set ibot.separate_head to true and ibot.head_n_prototypes to "
          + "\(network.patchPrototypes)")
    }
    guard let pair = pairs.first(where: { $0.of != $0.student }) else { return }
    throw FileError(
      file: input.path,
      what: "has \(pair.what) \(pair.of), and the recipe gives its students \(pair.student)",
      remedy: "set \(pair.key) to \(pair.of)")
  }
}
