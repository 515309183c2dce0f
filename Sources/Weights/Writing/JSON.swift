import Support

/// A value as the text of a JSON file, its fields in snake case and sorted.
///
/// - Parameter floats: fields that are read as fractions alone: 1 is written as 1.0 there.
func json(_ value: some Encodable, floats: [String] = []) -> String {
  // Encoding fails on numbers that are not finite alone, and none of these is such a one.
  let lines = try! JSONText.pretty(value).split(separator: "\n")
  return lines.map { line in
    guard floats.contains(where: { line.hasPrefix("  \"\($0)\" : ") }) else { return line + "\n" }
    let isLast = line.last != ","
    let number = isLast ? line : line.dropLast()
    let isWhole = !number.contains(".") && !number.contains("e-")
    return number + (isWhole ? ".0" : "") + (isLast ? "\n" : ",\n")
  }.joined()
}
