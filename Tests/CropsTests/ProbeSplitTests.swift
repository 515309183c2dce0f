import Crops
import Images
import Recipe
import Testing

@Suite struct ProbeSplitTests {
  @Test("a tenth of each class is held out, never trained on and never voting")
  func holdsOut() throws {
    let source = TestSource(count: 200, classes: ["a", "b", "c", "d"])
    var recipe = Recipe.plain(images: 45, globalSize: 4)
    recipe.probe.trainImages = 1000
    let split = try #require(try ProbeSplit(source, recipe: recipe))
    #expect(split.training.count == 180)
    #expect(split.bank.count == 180)
    #expect(split.queries.count == 20)
    for number in 0..<4 { #expect(split.queries.labels.count { $0 == number } == 5) }

    let held = Set(indices(split.queries))
    #expect(held.count == 20)
    #expect(held.isDisjoint(with: indices(split.bank)))
    let trained = try batches(recipe, split.training, count: 4).flatMap { batch in
      (0..<45).map(batch.index(image:))
    }
    #expect(Set(trained).count == 180)
    #expect(held.isDisjoint(with: trained))

    let again = try #require(try ProbeSplit(source, recipe: recipe))
    #expect(indices(again.queries) == indices(split.queries))
  }

  /// The images that the views show, and that their labels are those images'.
  private func indices(_ images: LabelledImages) -> [Int] {
    let each = 3 * images.size * images.size
    let views = images.views(0..<images.count)
    #expect(views.count == images.count * each)
    return (0..<images.count).map { place in
      let index = Int((views[place * each] * 255).rounded())
      #expect(images.labels[place] == index % images.classes)
      return index
    }
  }

  @Test("no more images vote and are judged than the recipe says")
  func limits() throws {
    var recipe = Recipe.plain(images: 1)
    recipe.probe.trainImages = 30
    recipe.probe.testImages = 7
    let source = TestSource(count: 200, classes: ["a", "b"])
    let split = try #require(try ProbeSplit(source, recipe: recipe))
    #expect(split.bank.count == 30)
    #expect(split.queries.count == 7)
    #expect(split.training.count == 180)
  }

  @Test("without labels there is no probe")
  func unlabelled() throws {
    #expect(try ProbeSplit(TestSource(count: 50), recipe: .plain(images: 1)) == nil)
    // Too few of a class to hold one out.
    #expect(
      try ProbeSplit(TestSource(count: 8, classes: ["a", "b"]), recipe: .plain(images: 1)) == nil)
  }

  @Test("a folder of its own is judged by the names of its classes")
  func evaluationFolder() throws {
    let (train, judged) = (try Folder(), try Folder())
    for (number, name) in ["ant", "bee", "cow"].enumerated() {
      try train.add("\(name)/1.png", color: number)
    }
    for (number, name) in ["bee", "cow"].enumerated() {
      try judged.add("\(name)/1.png", color: 100 + number)
    }
    var recipe = Recipe.plain(images: 1)
    recipe.data.path = train.path
    recipe.data.evalPath = judged.path
    let split = try #require(try ProbeSplit(openSource(recipe: recipe), recipe: recipe))
    #expect(split.training.count == 3)
    #expect(split.bank.labels == [0, 1, 2])
    #expect(split.queries.labels == [1, 2])
    #expect(split.queries.classes == 3)

    try judged.add("elk/1.png")
    let strange = try #require(throws: SourceError.self) {
      _ = try ProbeSplit(openSource(recipe: recipe), recipe: recipe)
    }
    #expect(strange.description.contains("elk"))
  }

  @Test("an evaluation folder is refused where it or the images have no classes")
  func noClasses() throws {
    let (train, judged) = (try Folder(), try Folder())
    try train.add("1.png")
    try judged.add("a/1.png")
    var recipe = Recipe.plain(images: 1)
    recipe.data.path = train.path
    recipe.data.evalPath = judged.path
    for path in [train.path, judged.path] {
      let error = try #require(throws: SourceError.self) {
        _ = try ProbeSplit(openSource(recipe: recipe), recipe: recipe)
      }
      #expect(error.description.hasPrefix(path + ": no classes"))
      for name in ["a/1.png", "b/1.png"] { try train.add(name) }
    }
  }

  @Test("a picture up to 8/7 of the view is taken whole, a larger one at 256 to 224")
  func views() throws {
    // A white frame, two pixels wide, around black.
    func framed(_ side: Int) throws -> [Float] {
      let source = TestSource(count: 20, classes: ["a", "b"]) { _ in
        RGBImage(
          width: side, height: side,
          pixels: (0..<side * side).flatMap { place in
            let near = [place % side, place / side].map { min($0, side - 1 - $0) }.min()!
            return [UInt8](repeating: near < 2 ? 255 : 0, count: 3)
          })
      }
      let split = try #require(
        try ProbeSplit(source, recipe: .plain(images: 1, globalSize: 28)))
      return split.queries.views(0..<1)
    }
    let corner = 0
    #expect(try framed(32)[corner] > 0.9)
    #expect(try framed(33)[corner] < 0.1)
  }

  @Test("the embedded images that are judged are others than those that vote or train")
  func embedded() throws {
    var recipe = Recipe.plain(images: 8, globalSize: 32)
    recipe.data.embeddedSize = 32
    recipe.data.embeddedImages = 40
    recipe.probe.trainImages = 40
    recipe.probe.testImages = 40
    let source = try openSource(recipe: recipe)
    let split = try #require(try ProbeSplit(source, recipe: recipe))
    #expect(split.training.count == 40)
    func pictures(_ images: LabelledImages) -> Set<[Float]> {
      let views = images.views(0..<images.count)
      return Set((0..<images.count).map { Array(views[$0 * 3072..<($0 + 1) * 3072]) })
    }
    let (bank, queries) = (pictures(split.bank), pictures(split.queries))
    #expect(bank.count == 40 && queries.count == 40)
    #expect(bank.isDisjoint(with: queries))
    let trained = try (0..<40).map { index in
      try source.image(index).pixels.map { Float($0) / 255 }
    }
    let redOfBank = Set(bank.map { Array($0[..<1024]) })
    let redOfQueries = Set(queries.map { Array($0[..<1024]) })
    for picture in trained {
      let red = stride(from: 0, to: 3072, by: 3).map { picture[$0] }
      #expect(!redOfBank.contains(red) && !redOfQueries.contains(red))
    }
  }
}
