import CYAML

/// Builds nodes from libyaml's events.
///
/// It accepts the part of YAML that settings need: mappings, lists, scalars and one document. It
/// rejects anchors, aliases, tags and further documents by name, because two programs might read
/// them differently.
package struct YAMLParser {
  /// The deepest nesting that is accepted. The official `compute_precision` has four levels.
  static let maximalDepth = 8

  /// On the heap, because libyaml keeps a pointer to its own state.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeBufferPointer<UInt8>

  /// Returns the root of a text; `nil` if the text holds only comments.
  package static func parse(_ text: [UInt8]) throws(YAMLProblem) -> YAMLNode? {
    try text.withUnsafeBufferPointer { (bytes) throws(YAMLProblem) in
      let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
      defer { parser.deallocate() }
      guard yaml_parser_initialize(parser) == 1 else { fatalError("out of memory") }
      defer { yaml_parser_delete(parser) }
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
      return try YAMLParser(parser: parser, bytes: bytes).document()
    }
  }

  private func document() throws(YAMLProblem) -> YAMLNode? {
    _ = try next()  // the stream's start
    var root: YAMLNode?
    while true {
      let event = try next()
      switch event.kind {
      case YAML_STREAM_END_EVENT: return root
      case YAML_DOCUMENT_START_EVENT:
        guard root == nil else {
          throw YAMLProblem(event.line, "a second document begins; the file must be one")
        }
        root = try node(from: next(), depth: 1)
        _ = try next()  // the document's end
      default: throw YAMLProblem(event.line, "unexpected content")
      }
    }
  }

  private func node(from event: YAMLEvent, depth: Int) throws(YAMLProblem) -> YAMLNode {
    guard depth <= Self.maximalDepth else {
      throw YAMLProblem(event.line, "nested more than \(Self.maximalDepth) levels deep")
    }
    switch event.kind {
    case YAML_SCALAR_EVENT:
      return YAMLNode(content: .scalar(event.text, plain: event.plain), line: event.line)
    case YAML_SEQUENCE_START_EVENT:
      var items: [YAMLNode] = []
      while let item = try next(until: YAML_SEQUENCE_END_EVENT) {
        items.append(try node(from: item, depth: depth + 1))
      }
      return YAMLNode(content: .sequence(items), line: event.line)
    case YAML_MAPPING_START_EVENT:
      var pairs: [(key: YAMLNode, value: YAMLNode)] = []
      while let item = try next(until: YAML_MAPPING_END_EVENT) {
        let key = try node(from: item, depth: depth + 1)
        pairs.append((key, try node(from: next(), depth: depth + 1)))
      }
      return YAMLNode(content: .mapping(pairs), line: event.line)
    default: throw YAMLProblem(event.line, "unexpected content")
    }
  }

  private func next(until end: yaml_event_type_t) throws(YAMLProblem) -> YAMLEvent? {
    let event = try next()
    return event.kind == end ? nil : event
  }

  private func next() throws(YAMLProblem) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxProblem() }
    defer { yaml_event_delete(&event) }
    return try YAMLEvent(event)
  }

  /// Returns libyaml's message with the line to which it refers.
  private func syntaxProblem() -> YAMLProblem {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "not YAML"
    guard state.error != YAML_READER_ERROR else {
      // The reader reports only a byte offset, since it fails before lines are counted.
      let before = bytes.prefix(state.problem_offset)
      let line = before.count { $0 == UInt8(ascii: "\n") } + 1
      return YAMLProblem(line, "not UTF-8 text: \(problem)")
    }
    // An unclosed construct is reported at the end of the text, one line after the last.
    let lines = bytes.count { $0 == UInt8(ascii: "\n") } + (bytes.last == 10 ? 0 : 1)
    func line(_ mark: yaml_mark_t) -> Int { min(Int(mark.line) + 1, lines) }
    let context = state.context.map {
      String(cString: $0) + " from line \(line(state.context_mark)), "
    }
    return YAMLProblem(line(state.problem_mark), "not YAML: \(context ?? "")\(problem)")
  }
}

/// A problem in a YAML text, with its line.
package struct YAMLProblem: Error {
  package var line: Int
  package var message: String

  init(_ line: Int, _ message: String) {
    self.line = line
    self.message = message
  }
}

/// A copy of a libyaml event in Swift memory.
private struct YAMLEvent {
  var kind: yaml_event_type_t
  var line: Int
  var text = ""
  var plain = false

  init(_ event: yaml_event_t) throws(YAMLProblem) {
    kind = event.type
    line = Int(event.start_mark.line) + 1
    var anchor: UnsafeMutablePointer<UInt8>?
    var tag: UnsafeMutablePointer<UInt8>?
    switch kind {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      text = String(decoding: bytes, as: UTF8.self)
      plain = scalar.style == YAML_PLAIN_SCALAR_STYLE
      (anchor, tag) = (scalar.anchor, scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      (anchor, tag) = (event.data.sequence_start.anchor, event.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT:
      (anchor, tag) = (event.data.mapping_start.anchor, event.data.mapping_start.tag)
    case YAML_ALIAS_EVENT:
      throw YAMLProblem(line, "aliases (*name) are not supported; write the value out")
    default: break
    }
    guard anchor == nil else {
      throw YAMLProblem(
        line, "anchors (&name) are not supported; write the value out at each place")
    }
    guard tag == nil else {
      throw YAMLProblem(line, "tags (!name) are not supported; leave them out")
    }
  }
}
