import History
import Model
import Recipe
import Run
import Schedule
import Store
import Support
import Weights

/// The frozen teacher of a distillation.
///
/// Its weights are copied once into the run's folder, with checksums, because the run that they
/// come from may train on, lose its checkpoints or be deleted.
package struct FrozenTeacher {
  package let network: NetworkShape
  private var input: WeightsInput
  /// Whether `input` is the copy in the run's folder.
  private var isCopy: Bool

  private static let file = WeightsInput.frozenTeacher
  private static let sourceKey = "distillation.teacher"

  /// Opens the teacher that a recipe names, and checks that its students can learn from it.
  /// Returns `nil` if the recipe is not a distillation.
  ///
  /// - Parameter runs: the folder in which the name of a run is looked up.
  package init?(_ recipe: Recipe, runs: String) throws(FileError) {
    guard recipe.isDistilled else { return nil }
    try self.init(Self.open(recipe, runs: runs), recipe, isCopy: false)
  }

  /// Whether the teacher that a recipe names has prototypes, without which its features are compared.
  package static func hasPrototypes(_ recipe: Recipe, runs: String) throws(FileError) -> Bool {
    try open(recipe, runs: runs).hasPrototypes
  }

  private static func open(_ recipe: Recipe, runs: String) throws(FileError) -> WeightsInput {
    let arch = recipe.distillation.teacherArch
    return try WeightsInput.open(
      recipe.distillation.teacher, arch: arch.isEmpty ? nil : arch,
      archOption: "distillation.teacher_arch (dino distill --teacher-arch)", runs: runs)
  }

  /// Opens the teacher of a run: its copy if there is one, otherwise the teacher that the recipe
  /// names.
  package init?(_ recipe: Recipe, of directory: RunDirectory) throws(FileError) {
    guard recipe.isDistilled else { return nil }
    if let copy = try Self.copy(recipe, directory) {
      let file = try WeightsInput.open(copy.file(Self.file))
      try self.init(file, recipe, isCopy: true)
    } else {
      try self.init(recipe, runs: FilePath.parent(of: directory.path))
    }
  }

  private init(_ input: WeightsInput, _ recipe: Recipe, isCopy: Bool) throws(FileError) {
    self.input = input
    self.isCopy = isCopy
    network = try input.network(withHeads: recipe.hasPrototypes)
    try check(recipe)
  }

  /// Returns the run's copy; `nil` if there is none, or if it was made for a different teacher
  /// before the run began.
  private static func copy(
    _ recipe: Recipe, _ directory: RunDirectory
  ) throws(FileError) -> Checkpoint? {
    var damage: String?
    let copy = try store(directory).latestIntact { damage = damage ?? $1 }
    if copy == nil, let damage, directory.exists {
      throw FileError(
        file: directory.path + "/teacher", what: "the frozen teacher cannot be read: \(damage)",
        remedy: "restore its files, or start a new run")
    }
    return copy.flatMap {
      $0.manifest.info[sourceKey] == source(recipe) ? $0 : nil
    }
  }

  /// Returns the recipe's teacher and its architecture as one text, to compare with a copy's.
  private static func source(_ recipe: Recipe) -> String {
    let (teacher, arch) = (recipe.distillation.teacher, recipe.distillation.teacherArch)
    // Of a teacher of features, the heads are not copied.
    let part = recipe.hasPrototypes ? "" : ", backbone"
    return (arch.isEmpty ? teacher : "\(teacher), \(arch)") + part
  }

  private static func store(_ directory: RunDirectory, program: String = "dino") -> CheckpointStore
  {
    CheckpointStore(directory: directory.path + "/teacher", program: program)
  }

  /// Copies the teacher into the run's folder, records where it came from, and reads it from the
  /// copy from now on. Does nothing if there is a copy. Returns notes for the run's log.
  mutating func saveCopy(
    _ recipe: Recipe, in directory: RunDirectory, program: String
  ) throws -> [Finding] {
    guard !isCopy else { return [] }
    let store = Self.store(directory, program: program)
    try FileSystem.remove(store.directory)
    let step = input.checkpoint?.step ?? 0
    // Recorded first, so that a copy means that all of this is done. An origin names a run of the
    // same folder.
    let folder = FilePath.canonical(FilePath.parent(of: directory.path))
    if let parent = input.run, try directory.origin() == nil,
      FilePath.canonical(FilePath.parent(of: parent.path)) == folder
    {
      try directory.write(RunOrigin(run: parent.name, step: step, kind: RunOrigin.distillation))
    }
    let info = [Self.sourceKey: Self.source(recipe)]
    try store.write(step: step, info: info) { (writer) throws(FileError) in
      try input.write(network, to: writer, as: Self.file)
    }
    let backbone = network.backbone
    let targets =
      recipe.hasPrototypes
      ? ""
      : "; its features of the same crops are the targets (objective.kind features, no local crops)"
    if let copy = try Self.copy(recipe, directory) {
      (input, isCopy) = (try WeightsInput.open(copy.file(Self.file)), true)
    }
    return [
      (
        .info, "teacher",
        "frozen: \(Self.source(recipe)), \(backbone.embedDim) wide, \(Format.count(backbone.depth, "block"))\(targets)"
      )
    ]
  }

  /// Gives a new run the copy of another run, if that has one.
  package static func adopt(from parent: RunDirectory, into child: RunDirectory) throws {
    guard let copy = try store(parent).latestIntact(onDamaged: { _, _ in }) else { return }
    // An interrupted adoption may have left files.
    try FileSystem.remove(store(child).directory)
    try store(child).adopt(copy)
  }

  /// Returns the parameters, in the order of the network's layout.
  func values() throws(FileError) -> [Float] { try input.values(of: network) }

  /// Returns why crops of a recipe cannot be cut into the teacher's patches, or cannot be compared, and what to set;
  /// `nil` if they can. Features are resized to the students' grid, prototypes are not.
  func cropProblem(_ recipe: Recipe) -> (what: String, remedy: String)? {
    let (own, other) = (network.backbone.patchSize, recipe.student.patchSize)
    let side = recipe.crops.globalCropsSize
    guard own != other else { return nil }
    if recipe.hasPrototypes {
      return (
        "patches of side \(own), but the recipe gives its students \(other)",
        "student.patch_size to \(own), or objective.kind to features"
      )
    }
    guard side % own != 0 else { return nil }
    var both = own
    while both % other != 0 { both += own }
    return (
      "patches of side \(own), which do not divide crops of \(side) pixels",
      "crops.global_crops_size to a multiple of \(both), or student.patch_size to \(own)"
    )
  }

  /// Throws if the recipe's students cannot be compared with the teacher: they have other patches, prototypes or heads than the teacher.
  private func check(_ recipe: Recipe) throws(FileError) {
    let student = NetworkShape(recipe.students[0], teacher: network)
    let isTied = student.ibotHead == nil
    guard !recipe.hasPrototypes || !isTied || network.ibotHead == nil else {
      throw FileError(
        file: input.path,
        what: "has a head for patches, but the recipe's students have one head for both",
        remedy: "set ibot.separate_head to true and ibot.head_n_prototypes to "
          + "\(network.patchOutputs)")
    }
    for phase in PhasePlan(recipe).phases {
      if let problem = cropProblem(phase.recipe) {
        throw FileError(
          file: input.path, what: "has \(problem.what)", remedy: "set \(problem.remedy)")
      }
    }
    let pairs: [(key: String, what: String, of: Int, student: Int)] = [
      (
        "data.channels", "channels of images", network.backbone.channels,
        student.backbone.channels
      ),
      (
        "dino.head_n_prototypes", "prototypes for images", network.dinoHead.prototypes,
        student.dinoHead.prototypes
      ),
      (
        isTied ? "dino.head_n_prototypes" : "ibot.head_n_prototypes", "prototypes for patches",
        (network.ibotHead ?? network.dinoHead).prototypes,
        (student.ibotHead ?? student.dinoHead).prototypes
      ),
    ]
    guard let pair = pairs.first(where: { $0.of != $0.student }) else { return }
    throw FileError(
      file: input.path,
      what: "has \(pair.what) \(pair.of), but the recipe gives its students \(pair.student)",
      remedy: "set \(pair.key) to \(pair.of)")
  }
}
