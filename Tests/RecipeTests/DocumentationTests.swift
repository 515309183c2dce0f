import FoundationEssentials
import Recipe
import Testing

@Suite("Documentation of recipes") struct DocumentationTests {
  @Test("docs/recipe-keys.txt is what `dinod recipe` prints")
  func keysAreCurrent() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: checkout + "/docs/recipe-keys.txt"))
    #expect(
      String(decoding: data, as: UTF8.self) == Recipe.help(),
      "write it anew: .build/release/dinod recipe > docs/recipe-keys.txt")
  }
}
