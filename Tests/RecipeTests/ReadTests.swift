import Settings
import Foundation
import Recipe
import TestSupport
import Testing

@Suite("Reading")
struct ReadTests {
  /// Calls `body` with a temporary folder, which is removed afterwards.
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = TemporaryFolder()
    try withExtendedLifetime(folder) { try body(folder.path) }
  }

  private func write(_ text: String, to path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
  }

  private func failure(_ file: String) -> String? {
    do {
      _ = try Recipe.read(file: file)
      return nil
    } catch { return error.description }
  }

  @Test("each session reads, alone and with an override, and says nothing")
  func sessions() throws {
    for name in [
      "quickstart", "folder", "continue", "cifar10", "vits14", "high-resolution", "distill",
    ] {
      let file = "\(checkout)/sessions/\(name).yaml"
      let recipe = try Recipe.read(file: file, overrides: ["train.seed=7"])
      #expect(recipe.notices == [])
      #expect(recipe.session.name == name)
      #expect(recipe.train.seed == 7)
      #expect(recipe.ibot.separateHead)
    }
  }

  @Test("every file in sessions is covered by these tests")
  func allSessions() throws {
    let folder = try #require(opendir("\(checkout)/sessions"))
    defer { closedir(folder) }
    var names: Set<String> = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.first != "." { names.insert(name) }
    }
    #expect(
      names == [
        "quickstart.yaml", "folder.yaml", "cifar10.yaml", "vits14.yaml", "high-resolution.yaml",
        "distill.yaml", "continue.yaml",
      ])
  }

  @Test("the quickstart is what its comment says")
  func quickstart() throws {
    let recipe = try Recipe.read(file: "\(checkout)/sessions/quickstart.yaml")
    #expect(recipe.data.isEmbedded)
    #expect(recipe.architecture.headDim == 32)
    #expect(recipe.scaledLr == recipe.optim.baseLr)
    try recipe.checkPaths()
  }

  @Test("the distillation's images and crops are those of the quickstart's last phase")
  func distillation() throws {
    let recipe = try Recipe.read(file: "\(checkout)/sessions/distill.yaml")
    let parent = try Recipe.read(file: "\(checkout)/sessions/quickstart.yaml")
    #expect(recipe.isDistilled && recipe.distillation.teacher == parent.session.name)
    let last = try #require(PhasePlan(parent).phases.last).recipe
    let differing = recipe.keysThatDiffer(from: last).filter { !$0.hasPrefix("optim.") }
    // Heads, and what else leads from the student's width to the teacher's, are its own.
    #expect(
      differing.filter { !$0.contains(".head_") } == [
        "dino.koleo_loss_weight", "train.centering", "student.embed_dim", "student.depth",
        "student.num_heads", "student.drop_path_rate", "teacher.momentum_teacher",
        "teacher.final_momentum_teacher", "teacher.warmup_teacher_temp_epochs",
        "crops.local_crops_number",
        "crops.local_crops_scale", "crops.local_crops_size", "objective.kind",
        "distillation.teacher",
      ])
    #expect(recipe.objective.kind == .features)
  }

  @Test("several students are recipes of their own, alike but for their architecture")
  func students() throws {
    let recipe = try Recipe.parse(
      yaml: "distillation: {teacher: a, arch: [vit_tiny, vit_small]}", name: "r.yaml")
    #expect(recipe.students.map(\.architecture.embedDim) == [192, 384])
    #expect(recipe.students.allSatisfy { $0.isDistilled && $0.students.count == 1 })
    #expect(recipe.dropPathRates.allSatisfy { $0 == 0 })
    #expect(recipe.json().contains(#""arch": ["vit_tiny", "vit_small"]"#))
    let alone = try Recipe.parse(
      yaml: "distillation: {teacher: a, arch: vit_small}", name: "r.yaml")
    #expect(alone.students.map(\.student.arch) == ["vit_small"])
    let none = try Recipe.parse(yaml: "distillation: {arch: [vit_tiny]}", name: "r.yaml")
    #expect(!none.isDistilled && none.students == [none])
    #expect(none.notices.first?.hasSuffix("distillation.teacher is empty") == true)
  }

  @Test("what a distillation has no use for is said")
  func unusedInDistillation() throws {
    let recipe = try Recipe.parse(
      yaml: """
        distillation: {teacher: a}
        student: {drop_path_rate: 0.1}
        ibot: {mask_ratio_min_max: [0.2, 0.4], mask_sample_probability: 0.4}
        """, name: "r.yaml")
    #expect(
      recipe.notices.count == 3 && recipe.notices.allSatisfy { $0.contains("a distillation") })
  }

  @Test("the official default config gives the defaults, with a notice for what has no effect")
  func official() throws {
    let file = "\(testFolder)/Fixtures/official.yaml"
    let recipe = try Recipe.read(file: file, overrides: ["data.path=embedded"])
    var expected = Recipe()
    expected.train.numWorkers = 10
    expected.session.name = "official"
    #expect(recipe == expected)
    // Every key except those that Dino adds.
    #expect(
      Set(recipe.places.keys).subtracting(["data.path"])
        == Set(RecipeKey.all.filter { !$0.isOurs }.map(\.name)))
    let noticed = recipe.notices.map { $0.dropFirst(file.count).split(separator: ": ")[1] }
    #expect(
      noticed == [
        "compute_precision", "train.dataset_path", "train.output_dir", "train.saveckp_freq",
        "train.cache_dataset", "evaluation",
      ])
    #expect(
      recipe.notices[3]
        == "\(file):25: train.saveckp_freq: accepted without effect: session.checkpoint_every "
        + "decides")
  }

  @Test("what the official code writes beside a run is taken, its learning rate computed")
  func computedRate() throws {
    let yaml = "train: {batch_size_per_gpu: 256}\noptim: {base_lr: 0.004, lr: 0.002}"
    #expect(try Recipe.parse(yaml: yaml, name: "config.yaml").scaledLr == 0.002)
    #expect(refusal(yaml, "train.accumulation_steps=4")?.contains("must be 0 or 0.004") == true)
  }

  @Test(
    "the official ViT-L and ViT-g configs resolve as they are, and wait for images",
    arguments: [("vitl14", "vit_large", 24, 32), ("vitg14", "vit_giant2", 40, 12)])
  func officialModels(_ name: String, _ arch: String, _ depth: Int, _ batch: Int) throws {
    let file = "\(testFolder)/Fixtures/\(name).yaml"
    let recipe = try Recipe.read(file: file)
    let expected = try Recipe().applying([
      "student.arch=\(arch)", "train.batch_size_per_gpu=\(batch)", "student.patch_size=14",
      "student.ffn_layer=swiglufused", "student.drop_path_rate=0.4", "student.block_chunks=4",
      "train.centering=sinkhorn_knopp", "ibot.separate_head=true",
      "dino.head_n_prototypes=131072", "dino.head_bottleneck_dim=384",
      "ibot.head_n_prototypes=131072", "teacher.momentum_teacher=0.994", "optim.base_lr=2e-4",
      "optim.epochs=500", "optim.warmup_epochs=80", "optim.layerwise_decay=1",
      "optim.weight_decay_end=0.2", "crops.local_crops_size=98", "session.name=\(name)",
      "data.path=",
    ])
    #expect(recipe == expected)
    #expect(recipe.totalSteps == 625_000 && recipe.warmupSteps == 100_000)
    #expect(recipe.architecture.depth == depth)
    #expect(recipe.notices.count == 1 && recipe.notices[0].contains("train.dataset_path"))
    do {
      try recipe.checkPaths()
      Issue.record("a data set of the official code was taken for a folder")
    } catch {
      #expect(error.description.contains("data.path: no images are given; name a folder"))
    }
    // Written and read back, they still have no images; with a folder they do.
    let again = try Recipe.parse(yaml: recipe.yaml(), name: "resolved.yaml")
    #expect(again == recipe && again.data.path.isEmpty)
    try Recipe.read(file: file, overrides: ["data.path=\(testFolder)"]).checkPaths()
  }

  @Test("a key without effect beside others gets a notice, once it differs from its default")
  func unused() throws {
    let yaml = "ibot:\n  head_n_prototypes: 65536\n  head_hidden_dim: 512\n"
    let tied = try Recipe.parse(yaml: yaml, name: "r.yaml")
    #expect(
      tied.notices == [
        "r.yaml:3: ibot.head_hidden_dim: accepted without effect: ibot.separate_head is false: "
          + "the dino head serves both"
      ])
    let untied = try Recipe.parse(
      yaml: yaml, name: "r.yaml", overrides: ["ibot.separate_head=true"])
    #expect(untied.notices == [])
  }

  @Test("keys that are not given keep their default")
  func partial() throws {
    let recipe = try Recipe.parse(yaml: "optim:\n  base_lr: 1e-3\nteacher:\n", name: "r.yaml")
    var expected = Recipe()
    expected.optim.baseLr = 1e-3
    #expect(recipe == expected)
    #expect(recipe.places == ["optim.base_lr": .file("r.yaml", line: 2)])
  }

  @Test("overrides replace the file, and the last of two wins")
  func overrides() throws {
    let recipe = try Recipe.parse(
      yaml: "optim: {epochs: 20}", name: "r.yaml",
      overrides: [
        "optim.epochs=30", "optim.epochs=40", "crops.local_crops_scale=[0.1, 0.2]",
        "data.path=/a b: c #1", "ibot.separate_head=True", "train.centering=\"sinkhorn_knopp\"",
      ])
    #expect(recipe.optim.epochs == 40)
    #expect(recipe.crops.localCropsScaleMin == 0.1 && recipe.crops.localCropsScaleMax == 0.2)
    #expect(recipe.data.path == "/a b: c #1")
    #expect(recipe.ibot.separateHead)
    #expect(recipe.train.centering == .sinkhornKnopp)
  }

  @Test("a recipe takes further overrides under the same rules")
  func applying() throws {
    let recipe = try Recipe.parse(yaml: "evaluation: {eval_period_iterations: 4}", name: "r.yaml")
    #expect(recipe.notices.count == 1)
    let changed = try recipe.applying(["optim.base_lr=0.1", "session.name=x"])
    #expect(changed.optim.baseLr == 0.1 && changed.session.name == "x")
    #expect(changed.notices == [])
    #expect(throws: SettingError.self) { try recipe.applying(["optim.epochs=1"]) }
  }

  @Test("files that cannot be a recipe are refused by name")
  func files() throws {
    try withFolder { folder in
      #expect(
        failure(folder + "/no.yaml") == "\(folder)/no.yaml: cannot be opened: "
          + "No such file or directory")
      #expect(failure(folder) == "\(folder): cannot be read: Is a directory")
      let binary = folder + "/binary.yaml"
      try Data("dino:\n  loss_weight: ".utf8 + [0xFF, 0xFE]).write(to: URL(filePath: binary))
      #expect(failure(binary) == "\(binary):2: not UTF-8 text: invalid leading UTF-8 octet")
      let large = folder + "/large.yaml"
      try write(String(repeating: "#\n", count: 1 << 19), to: large)
      #expect(failure(large)?.contains("empty") == true)
      try write(String(repeating: "#\n", count: 1 << 19) + "#", to: large)
      #expect(failure(large) == "\(large): is larger than 1 MiB")
    }
  }

  @Test("a run is named after its file unless it has a name")
  func runName() throws {
    try withFolder { folder in
      let file = folder + "/.my photos, 2.yaml"
      try write("dino:\n", to: file)
      #expect(try Recipe.read(file: file).session.name == "my-photos--2")
      let named = try Recipe.read(file: file, overrides: ["session.name=other"])
      #expect(named.session.name == "other")
    }
  }

  @Test("paths in a file are relative to it, those of overrides to the current folder")
  func paths() throws {
    try withFolder { folder in
      let file = folder + "/r.yaml"
      try write("data:\n  path: ./photos\n  eval_path: ~/held\n", to: file)
      let recipe = try Recipe.read(file: file)
      #expect(recipe.data.path == folder + "/photos")
      #expect(recipe.data.evalPath == String(cString: getenv("HOME")) + "/held")
      let here = String(cString: getcwd(nil, 0))
      let moved = try Recipe.read(file: file, overrides: ["data.path=photos"])
      #expect(moved.data.path == here + "/photos")
    }
  }

  @Test("a folder of images that is not there is refused when looked for, not when read")
  func checkPaths() throws {
    try withFolder { folder in
      let file = folder + "/r.yaml"
      try write("data:\n  path: photos\n", to: file)
      let recipe = try Recipe.read(file: file)
      func problem() -> String? {
        do { try recipe.checkPaths() } catch { return error.description }
        return nil
      }
      let start = "\(file):2: data.path: \(folder)/photos: "
      let remedy = "; give a folder of images with --set data.path=FOLDER"
      #expect(problem() == start + "No such file or directory" + remedy)
      try write("", to: folder + "/photos")
      #expect(
        problem()
          == start + "not a folder, a list (.txt, .csv) or an archive (.tar, .zip)" + remedy)
      remove(folder + "/photos")
      mkdir(folder + "/photos", 0o755)
      #expect(problem() == nil)
    }
  }
}
