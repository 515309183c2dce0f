import Recipe
import Support

/// The hyperparameters of a run, for TensorBoard's table that compares runs.
package struct HyperParameters: Sendable {
  /// The name of the run.
  let run: String
  /// When it was begun, in seconds since 1970.
  let time: Double
  /// The values of its keys, but not how it is stored.
  let values: [(name: String, value: RecipeValue)]

  /// Takes a recipe's keys, except those of `session`.
  package init(_ recipe: Recipe, run: String, time: Double) {
    self.run = run
    self.time = time
    values = recipe.values.filter { !$0.name.hasPrefix("session.") }
  }

  /// The message `SessionStartInfo`.
  var message: ProtobufMessage {
    var start = ProtobufMessage()
    for (name, value) in values {
      var boxed = ProtobufMessage()
      switch value {
      case .number(let number): boxed.add(2, double: number)
      case .text(let text): boxed.add(3, text: text)
      case .truth(let isTrue): boxed.add(4, integer: isTrue ? 1 : 0)
      }
      var pair = ProtobufMessage()
      pair.add(1, text: name)
      pair.add(2, message: boxed)
      start.add(1, message: pair)
    }
    start.add(4, text: run)
    start.add(5, double: time)
    return start
  }

  /// A summary for the plugin of hyperparameters, which reads the description of a tensor and not the
  /// tensor, so that is empty.
  ///
  /// - Parameter field: that of `HParamsPluginData`.
  static func summary(_ tag: String, _ field: Int, _ message: ProtobufMessage) -> ProtobufMessage {
    var data = ProtobufMessage()
    data.add(field, message: message)
    var shape = ProtobufMessage()
    shape.add(2, message: ProtobufMessage())
    var tensor = ProtobufMessage()
    tensor.add(1, integer: 1)
    tensor.add(2, message: shape)
    return PluginSummary.message("_hparams_/" + tag, plugin: "hparams", content: data, tensor)
  }
}
