import Model
import Recipe
import Store
import Trainer

/// Weights as evaluation needs them.
struct EvaluationWeights {
  let name: String
  let shape: BackboneShape
  let values: [Float]
  let mean: [Float]
  let std: [Float]
  let size: Int

  init(_ path: String) throws {
    name = path
    let recipe = try Recipe.read(file: path + "/recipe.yaml")
    let shape = BackboneShape(recipe)
    self.shape = shape
    let file = try SafetensorsFile(path: path + "/teacher.safetensors")
    var builder = ParameterBuilder()
    _ = builder.scope("backbone") { VisionTransformer.Parameters(&$0, shape) }
    var values = [Float](repeating: 0, count: builder.layout.count)
    for p in builder.layout.parameters {
      values.replaceSubrange(p.range, with: try file.floats(p.name))
    }
    self.values = values
    mean = recipe.data.mean.map(Float.init)
    std = recipe.data.std.map(Float.init)
    size = recipe.crops.globalCropsSize
  }
}
