import Foundation
import Recipe
import Testing

@Suite("A recipe for programs")
struct JSONTests {
  @Test("a recipe as JSON has every key under its group")
  func json() throws {
    var recipe = Recipe()
    recipe.data.path = "/a \"b\" ä\n"
    let value = try JSONSerialization.jsonObject(with: Data(recipe.json().utf8))
    let groups = try #require(value as? [String: [String: Any]])
    for key in RecipeKey.all { #expect(groups[key.group]?[key.lastName] != nil, "\(key.name)") }
    #expect(groups["data"]?["path"] as? String == recipe.data.path)
    #expect(groups["optim"]?["min_lr"] as? Double == 1e-6)
    #expect(groups["ibot"]?["mask_ratio_min_max"] as? [Double] == [0.1, 0.5])
    #expect(groups["student"]?["drop_path_uniform"] as? Bool == true)
  }
}
