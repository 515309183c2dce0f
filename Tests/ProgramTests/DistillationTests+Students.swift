import Foundation
import History
import Run
import Store
import Testing

extension Commands.DistillationTests {
  @Test("several students share a teacher, and each is exported by its name")
  func several() throws {
    try parent()
    let changes = [
      "distillation.teacher=moths@80", "distillation.arch=[vit_tiny, vit_small]",
      "student.arch=vit_tiny", "student.embed_dim=0", "student.depth=0", "student.num_heads=0",
      "optim.epochs=0.1", "optim.warmup_epochs=0", "session.threads=2",
    ]
    let refused = try home.train("silk", changes).wait()
    #expect(refused.code == 1 && refused.errors.contains("has no checkpoint of step 80; there are"))
    let taken = changes.map { $0.replacing("moths@80", with: "moths@110") }
    try home.trainToTheEnd("silk", taken)
    let names = try last("silk").manifest.files.map(\.name)
    for name in ["student", "average", "optimizer"] {
      for arch in ["vit_tiny", "vit_small"] {
        #expect(names.contains("\(name).\(arch).safetensors"))
      }
    }
    let evaluations = try HistoryReader(directory: home.run("silk")).evaluations()
    #expect(evaluations.filter { $0.step == 4 }.map(\.name) == ["knn", "knn vit_small"])
    try expectExportsByName()

    // One of the students becomes the teacher of another run.
    let heirs = [
      "distillation.teacher=silk", "student.arch=vit_tiny", "student.embed_dim=0",
      "student.depth=0", "student.num_heads=0", "optim.epochs=0.1", "optim.warmup_epochs=0",
      "session.threads=2",
    ]
    let unclear = try home.train("heir", heirs).wait()
    #expect(unclear.code == 1 && unclear.errors.contains("--teacher-arch): vit_tiny, vit_small"))
    try home.trainToTheEnd("heir", heirs + ["distillation.teacher_arch=vit_small"])
    let events = try home.events("heir")
    #expect(events.contains { $0.text.hasPrefix("frozen: silk, vit_small, 384 wide") })
  }

  /// Each of several students is exported by its name; other names are refused.
  private func expectExportsByName() throws {
    let there = home.path + "/export"
    let export = ["export", "silk", "--format", "huggingface", "--to"]
    let which = try home.dinod(export + [there]).wait()
    #expect(
      which.code == 1
        && which.errors.contains("choose one with --arch: vit_tiny, vit_small"))
    let small = try home.dinod(export + [there, "--arch", "vit_small"]).wait()
    #expect(small.code == 0 && small.output.contains("384 wide, 12 blocks"), "\(small)")
    let wrong = try home.dinod(export + [there + "2", "--arch", "vit_base"]).wait()
    #expect(wrong.code == 1 && wrong.errors.contains("has no student vit_base; it has vit_tiny"))
  }

  @Test(
    "a teacher that cannot teach ends a run before it leaves a trace",
    arguments: [
      (["distillation.teacher=nowhere"], "nowhere: is neither a file, a folder nor a run's"),
      (["distillation.teacher=moths@7"], "has no checkpoint of step 7; there are those of "),
      (
        ["distillation.teacher=HOME/bare", "objective.kind=dinov2"],
        "has no projection heads, and objective.kind dinov2 compares"
      ),
      (["dino.head_n_prototypes=32"], "set dino.head_n_prototypes to 64"),
      (["ibot.head_n_prototypes=32"], "set ibot.head_n_prototypes to 64"),
      (
        ["student.patch_size=4"],
        "has patches of side 6, but the recipe gives its students 4; set student.patch_size to 6"
      ),
      (
        ["distillation.arch=[vit_tiny]"], "names architectures: set student.embed_dim"
      ),
    ])
  func refused(changes: [String], says: String) throws {
    try home.trainToTheEnd("moths", ["optim.epochs=1"])
    let bare = try home.dinod(
      "export", "moths", "--format", "huggingface", "--to", home.path + "/bare"
    ).wait()
    #expect(bare.code == 0)
    let ending = try home.train(
      "silk", child() + changes.map { $0.replacing("HOME", with: home.path) }
    ).wait()
    #expect(ending.code == 1 || ending.code == 2)
    #expect(ending.errorLines.count == 1 && ending.errors.contains(says), "\(ending)")
    #expect(!FileManager.default.fileExists(atPath: home.run("silk").path))
  }

  @Test(
    "dino distill says in one line what it lacks",
    arguments: [
      (["distill", "moths"], 2, "name the students, such as --arch vit_small"),
      (["distill", "", "--arch", "vit_tiny"], 2, "is not a run, NAME@STEP or a file"),
      (["distill", "moth", "--arch", "vit_tiny"], 1, "did you mean 'moths'?"),
      (["distill", "HOME/recipe.yaml", "--arch", "vit_tiny"], 2, "with --name CHILD"),
      (
        ["distill", "HOME/recipe.yaml", "--arch", "vit_tiny", "--name", "silk"], 2,
        "with --recipe RECIPE.yaml"
      ),
      (
        ["distill", "moths", "--arch", "vit_tinny"], 1,
        "student.arch=vit_tinny: must be one of vit_tiny, vit_small"
      ),
      (["distill", "moths", "--arch", "vit_tiny,vit_tiny"], 1, "names vit_tiny twice"),
    ])
  func misunderstood(words: [String], code: Int32, hint: String) throws {
    try home.trainToTheEnd("moths", ["optim.epochs=1"])
    let ending = try home.dino(words.map { $0.replacing("HOME", with: home.path) })
    #expect(ending.code == code && ending.errorLines.count == 1, "\(ending)")
    #expect(ending.errors.contains(hint), "\(ending)")
  }
}
