#if canImport(Glibc)
  import Glibc
#endif

/// A number with a fixed count of digits behind the point.
func decimals(_ value: Double, _ digits: Int) -> String {
  let scale = Int(pow(10, Double(digits)))
  let scaled = (abs(value) * Double(scale)).rounded()
  guard scaled < 1e15 else { return "\(value)" }
  let sign = value < 0 && scaled > 0 ? "-" : ""
  let fraction = String(Int(scaled) % scale)
  guard digits > 0 else { return sign + "\(Int(scaled))" }
  return sign + "\(Int(scaled) / scale)."
    + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// `12,345`
func grouped(_ value: Int) -> String {
  var text = ""
  for (place, digit) in String(value.magnitude).reversed().enumerated() {
    if place > 0, place % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return (value < 0 ? "-" : "") + String(text.reversed())
}

/// A text within XML.
func escapedXML(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    .replacing("\"", with: "&quot;")
}
