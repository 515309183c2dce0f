import FoundationEssentials

/// A value as the text of a JSON file, its fields in snake case and sorted.
func json(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.keyEncodingStrategy = .convertToSnakeCase
  // Encoding fails on numbers that are not finite alone, and none of these is such a one.
  return String(decoding: try! encoder.encode(value), as: UTF8.self) + "\n"
}
