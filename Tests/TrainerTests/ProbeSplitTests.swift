import Crops
import Features
import Images
import Recipe
import TestSupport
import Testing
import Trainer

@Suite("What the probe measures with")
struct ProbeSplitTests {
  private let folder = TemporaryFolder()

  private func paint(_ name: String) {
    let path = folder.write([], to: name)
    try! RGBImage(width: 1, height: 1, pixels: [1, 2, 3]).writePNG(path: path)
  }

  private func split(_ change: (inout Recipe) -> Void = { _ in }) throws -> ProbeSplit {
    var recipe = Recipe()
    recipe.data.path = folder.file("train")
    change(&recipe)
    return try ProbeSplit(openSource(recipe: recipe), recipe: recipe)
  }

  private func keys(_ source: any ImageSource) -> [String] { (0..<source.count).map(source.key) }

  @Test("held-out images neither train nor vote, and unlabelled images train")
  func holdsOut() throws {
    for number in 0..<100 {
      paint("train/\(["ant", "bee", "cow", "dog"][number % 4])/\(number).png")
    }
    paint("train/unlabelled.png")
    let split = try split()
    let labelled = try #require(split.labelled)
    let (bank, queries) = (Set(keys(labelled.bank.images)), Set(keys(labelled.queries.images)))
    #expect(
      queries.count == labelled.queries.count && Set(labelled.queries.labels) == [0, 1, 2, 3])
    #expect(keys(split.scored) == keys(labelled.queries.images) && split.isHeldOut)
    #expect(bank.count + queries.count == 100 && bank.isDisjoint(with: queries))
    #expect(Set(keys(split.training)) == bank.union(["unlabelled.png"]))
    for (index, label) in labelled.queries.labels.enumerated() {
      #expect(labelled.queries.images.key(index).hasPrefix(labelled.queries.classes[label] + "/"))
    }
  }

  @Test("the probe holds out the same images of a folder as dinod eval does, whatever the seed")
  func sameAsEval() throws {
    for number in 0..<60 { paint("train/\(["ant", "bee"][number % 2])/\(number).png") }
    let (kept, held) = try LabelledImages(folder: folder.file("train")).holdingOut(for: .test)
    for seed in [0, 1, 7] {
      let split = try #require(try split { $0.train.seed = seed }.labelled)
      #expect(keys(split.queries.images) == keys(held.images))
      #expect(split.queries.labels == held.labels)
      #expect(keys(split.bank.images) == keys(kept.images) && split.bank.labels == kept.labels)
    }
  }

  @Test("no more images vote and are asked for than the recipe says; new images displace few")
  func limits() throws {
    for number in 0..<200 { paint("train/\(["ant", "bee"][number % 2])/\(number).png") }
    func limited() throws -> ProbeSplit {
      try split {
        $0.probe.trainImages = 30
        $0.probe.testImages = 7
      }
    }
    let before = try limited()
    #expect(before.labelled?.bank.count == 30 && before.labelled?.queries.count == 7)
    #expect(try split().training.count == before.training.count)
    for number in 0..<10 { paint("train/bee/new\(number).png") }
    let after = try limited()
    let (old, bank) = (try #require(before.labelled).bank, try #require(after.labelled).bank)
    let new = Set(keys(bank.images)).subtracting(keys(old.images))
    #expect(bank.count == 30 && new.allSatisfy { $0.hasPrefix("bee/new") })
  }

  @Test(
    "without labels, or with one image of each class, there is no k-NN, and the reason is said")
  func none() throws {
    for number in 0..<20 { paint("train/\(number).png") }
    #expect(try split().labelled == nil)
    let flat = try FileSource(path: folder.file("train"))
    #expect(ProbeSplit.reason(flat) == "no labels")
    for name in ["ant", "bee"] { paint("train/\(name)/1.png") }
    #expect(try split().labelled == nil)
    let single = try FileSource(path: folder.file("train"))
    #expect(ProbeSplit.reason(single).hasPrefix("no class has two images"))
    paint("train/bee/2.png")
    #expect(try split().labelled?.queries.labels == [1])
  }

  @Test("without labels a share is held out of training if the recipe says so, and scored")
  func unlabelled() throws {
    for number in 0..<200 { paint("train/\(number).png") }
    let all = try split { $0.probe.testImages = 50 }
    #expect(!all.isHeldOut && all.training.count == 200 && all.scored.count == 50)
    func held() throws -> ProbeSplit { try split { $0.data.holdOut = 0.25 } }
    let before = try held()
    let (trained, scored) = (Set(keys(before.training)), Set(keys(before.scored)))
    #expect(before.isHeldOut && trained.count + scored.count == 200)
    #expect(trained.isDisjoint(with: scored) && (30...70).contains(scored.count))
    // One image is trained on in any case.
    #expect(HoldOut.share(0.5, of: ["a"]).isEmpty)
    #expect((0..<50).allSatisfy { HoldOut.share(0.999, of: ["a\($0)", "b\($0)"]).count < 2 })
    // Images that are added move no other.
    for number in 200..<220 { paint("train/\(number).png") }
    #expect(try scored.isSubset(of: keys(held().scored)))
  }

  @Test("few images of each class are enough", arguments: [2, 5, 9])
  func few(each: Int) throws {
    for name in ["ant", "bee"] { for number in 0..<each { paint("train/\(name)/\(number).png") } }
    let split = try #require(try split().labelled)
    #expect(Set(split.queries.labels) == [0, 1] && Set(split.bank.labels) == [0, 1])
  }

  @Test("the classes of an evaluation folder are matched by name")
  func evaluationFolder() throws {
    for name in ["ant", "bee", "cow"] { paint("train/\(name)/1.png") }
    for name in ["bee", "cow"] { paint("eval/\(name)/1.png") }
    let path = folder.file("eval")
    let whole = try split { $0.data.evalPath = path }
    let split = try #require(whole.labelled)
    #expect(whole.training.count == 3)
    #expect(split.bank.labels == [0, 1, 2])
    #expect(split.queries.labels == [1, 2] && split.queries.classes.count == 3)

    paint("eval/elk/1.png")
    let strange = try #require(throws: FeatureError.self) {
      try self.split { $0.data.evalPath = path }
    }
    #expect(strange.description.hasPrefix("\(path): its classes elk are not among"))
  }

  @Test("an evaluation folder is refused where it or the images have no classes")
  func noClasses() throws {
    paint("train/1.png")
    paint("eval/a/1.png")
    for part in ["train", "eval"] {
      let error = try #require(throws: SourceError.self) {
        try split { $0.data.evalPath = folder.file("eval") }
      }
      #expect(error.description.hasPrefix(folder.file(part) + ": no classes"))
      for name in ["a/1.png", "b/1.png"] { paint("train/" + name) }
    }
  }

  @Test("the embedded images that are asked for are others than those that vote or train")
  func embedded() throws {
    let whole = try split {
      $0.data.path = "embedded"
      $0.data.embeddedSize = 16
      $0.data.embeddedImages = 40
      $0.probe.trainImages = 40
      $0.probe.testImages = 40
    }
    let split = try #require(whole.labelled)
    let sets = try [whole.training, split.bank.images, split.queries.images].map { source in
      Set(try (0..<source.count).map { try source.image($0).pixels })
    }
    #expect(sets.map(\.count) == [40, 40, 40])
    #expect(sets[0].union(sets[1]).union(sets[2]).count == 120)
  }
}
