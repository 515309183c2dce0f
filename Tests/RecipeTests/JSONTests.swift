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

  @Test("phases are objects of the same keys")
  func phases() throws {
    let recipe = try Recipe.parse(
      yaml: """
        phases:
          - {name: low}
          - name: high
            steps: 20
            base_lr_factor: 0.5
            compress: [lr]
            crops: {global_crops_size: 448, global_crops_scale: [0.3, 1]}
            data: {blur: none}
        """, name: "r.yaml")
    let value = try JSONSerialization.jsonObject(with: Data(recipe.json().utf8))
    let phases = try #require((value as? [String: Any])?["phases"] as? [[String: Any]])
    #expect(phases[0] as? [String: String] == ["name": "low"])
    #expect(phases[1]["steps"] as? Int == 20 && phases[1]["base_lr_factor"] as? Double == 0.5)
    #expect(phases[1]["compress"] as? [String] == ["lr"])
    let crops = try #require(phases[1]["crops"] as? [String: Any])
    #expect(crops["global_crops_size"] as? Int == 448)
    #expect(crops["global_crops_scale"] as? [Double] == [0.3, 1])
    #expect((phases[1]["data"] as? [String: String])?["blur"] == "none")
  }
}
