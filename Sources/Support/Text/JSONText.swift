import FoundationEssentials

/// JSON as the programs print it for other programs: keys are sorted and in snake case, and
/// slashes are not escaped.
package enum JSONText {
  /// Returns the value as JSON on one line.
  package static func line(_ value: some Encodable) throws -> String {
    try encode(value, [])
  }

  /// Returns the value as indented JSON on several lines.
  package static func pretty(_ value: some Encodable) throws -> String {
    try encode(value, .prettyPrinted)
  }

  private static func encode(
    _ value: some Encodable, _ layout: JSONEncoder.OutputFormatting
  ) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, layout]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
