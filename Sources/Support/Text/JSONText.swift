import FoundationEssentials

/// JSON as the programs print it for other programs: names in snake case and sorted, slashes as
/// they are.
package enum JSONText {
  /// The value on one line.
  package static func line(_ value: some Encodable) throws -> String {
    try encode(value, [])
  }

  /// The value on several lines, indented, which a person can read too.
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
