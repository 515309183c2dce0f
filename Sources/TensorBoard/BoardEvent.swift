import Support

/// One entry of an event file: what TensorBoard shows of a moment in a run.
package struct BoardEvent: Sendable {
  /// What the entry says.
  package enum Content: Sendable {
    /// The version of the format, the first entry of each file.
    case version
    /// The run goes on from this step. TensorBoard drops what it has of this step and of later ones.
    case goesOn
    /// Numbers by tag.
    case scalars([(tag: String, value: Double)])
    /// A line of text.
    case text(tag: String, line: String)
    /// The hyperparameters of the run, and when it started, in seconds since 1970.
    case begun(HyperParameters)
    /// How the run ended.
    case ended(isWell: Bool)
  }

  /// When it happened, in seconds since 1970, and at which step.
  package var time: Double
  package var step: Int
  package var content: Content

  package init(time: Double, step: Int, _ content: Content) {
    self.time = time
    self.step = step
    self.content = content
  }
}

// The numbers of the fields are those of TensorBoard's definitions: event.proto, summary.proto,
// tensor.proto and the plugins' plugin_data.proto.
extension BoardEvent {
  /// The entry as a message `Event`, in its frame.
  package var record: [UInt8] {
    var event = ProtobufMessage()
    event.add(1, double: time)
    event.add(2, integer: step)
    switch content {
    case .version: event.add(3, text: "brain.Event:2")
    case .goesOn:
      var start = ProtobufMessage()
      start.add(1, integer: 1)
      event.add(7, message: start)
    case .scalars(let values): event.add(5, message: Self.summary(values))
    case .text(let tag, let line): event.add(5, message: Self.summary(tag, line))
    case .begun(let parameters):
      event.add(5, message: HyperParameters.summary("session_start_info", 3, parameters.message))
    case .ended(let isWell):
      var end = ProtobufMessage()
      end.add(1, integer: isWell ? 1 : 2)
      end.add(2, double: time)
      event.add(5, message: HyperParameters.summary("session_end_info", 4, end))
    }
    return RecordFrame.around(event.bytes)
  }

  /// A summary of numbers. TensorBoard keeps them in single precision.
  private static func summary(_ values: [(tag: String, value: Double)]) -> ProtobufMessage {
    var summary = ProtobufMessage()
    for (tag, number) in values {
      var value = ProtobufMessage()
      value.add(1, text: tag)
      value.add(2, float: Float(number))
      summary.add(1, message: value)
    }
    return summary
  }

  /// A summary with a tensor of one text. Four spaces make it Markdown's literal text, so that names
  /// of files look as they are.
  private static func summary(_ tag: String, _ line: String) -> ProtobufMessage {
    var tensor = ProtobufMessage()
    tensor.add(1, integer: 7)
    tensor.add(2, message: ProtobufMessage())
    tensor.add(8, text: "    " + line)
    return PluginSummary.message(tag, plugin: "text", content: ProtobufMessage(), tensor)
  }
}
