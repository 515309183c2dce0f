import Support

/// A summary with a tensor that a plugin of TensorBoard shows.
enum PluginSummary {
  /// Returns the message `Summary`. `content` is what the plugin wants to know besides.
  static func message(
    _ tag: String, plugin: String, content: ProtobufMessage, _ tensor: ProtobufMessage
  ) -> ProtobufMessage {
    var data = ProtobufMessage()
    data.add(1, text: plugin)
    data.add(2, message: content)
    var metadata = ProtobufMessage()
    metadata.add(1, message: data)
    metadata.add(4, integer: 2)
    var value = ProtobufMessage()
    value.add(1, text: tag)
    value.add(8, message: tensor)
    value.add(9, message: metadata)
    var summary = ProtobufMessage()
    summary.add(1, message: value)
    return summary
  }
}
