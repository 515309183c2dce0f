import Recipe
import Testing

@Suite("Nearest names")
struct NearestNameTests {
  @Test(
    "the key that was meant is found, in its group or in another",
    arguments: [
      ("optim.epoch", "optim.epochs"), ("epochs", "optim.epochs"),
      ("student.drop_path", "student.drop_path_rate"), ("batch_size", "train.batch_size_per_gpu"),
      ("optim.lr", "optim.base_lr"), ("dino.n_prototypes", "dino.head_n_prototypes"),
      ("ibot.n_prototypes", "ibot.head_n_prototypes"), ("students.arch", "student.arch"),
      ("crops.global_size", "crops.global_crops_size"), ("teacher.temp", "teacher.teacher_temp"),
      ("train.dataset", "data.path"), ("saveckp_freq", "session.checkpoint_every"),
      ("optim.wieght_decay", "optim.weight_decay"),
    ])
  func meant(_ name: String, _ key: String) {
    #expect(NearestName.of(name) == key)
  }

  @Test("what resembles nothing gets no suggestion", arguments: ["zebra", "a.b", "", "."])
  func none(_ name: String) {
    #expect(NearestName.of(name) == nil)
  }
}
