import Support

/// Returns a value as the text of a JSON file, with sorted fields in snake case.
///
/// - Parameter floats: names of fields that must have a decimal point: 1 is written as 1.0.
func json(_ value: some Encodable, floats: [String] = []) -> String {
  // Only a number that is not finite makes encoding fail, and there is none in these files.
  let lines = try! JSONText.pretty(value).split(separator: "\n")
  return lines.map { line in
    guard floats.contains(where: { line.hasPrefix("  \"\($0)\" : ") }) else { return line + "\n" }
    let isLast = line.last != ","
    let number = isLast ? line : line.dropLast()
    let isWhole = !number.contains(".") && !number.contains("e-")
    return number + (isWhole ? ".0" : "") + (isLast ? "\n" : ",\n")
  }.joined()
}
