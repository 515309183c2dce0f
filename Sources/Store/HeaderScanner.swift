import Support
import Tensor

/// An error in a header, worded to follow the file's name.
struct HeaderFault: Error {
  let what: String

  init(_ what: String) { self.what = what }
}

/// A parser for the subset of JSON in safetensors headers: objects, arrays, strings and
/// non-negative integers. Anything else is an error.
///
/// It is stricter than a general decoder (a repeated name is an error) and uses no recursion, so
/// that no header can exhaust the stack.
struct HeaderScanner {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Reads an object. `member` reads the value of each name.
  mutating func object(
    _ member: (inout HeaderScanner, String) throws(HeaderFault) -> Void
  ) throws(HeaderFault) {
    var names: Set<String> = []
    try expect("{")
    if take("}") { return }
    repeat {
      let name = try string()
      guard names.insert(name).inserted else {
        throw HeaderFault("the name \(shown(name)) appears twice in its header")
      }
      try expect(":")
      try member(&self, name)
    } while take(",")
    try expect("}")
  }

  /// Reads an array. `element` reads each element.
  mutating func array(
    _ element: (inout HeaderScanner) throws(HeaderFault) -> Void
  ) throws(HeaderFault) {
    try expect("[")
    if take("]") { return }
    repeat { try element(&self) } while take(",")
    try expect("]")
  }

  /// Reads an array of non-negative integers.
  mutating func wholeNumbers() throws(HeaderFault) -> [Int] {
    var numbers: [Int] = []
    try array { (scanner) throws(HeaderFault) in numbers.append(try scanner.wholeNumber()) }
    return numbers
  }

  /// Reads a non-negative integer.
  mutating func wholeNumber() throws(HeaderFault) -> Int {
    skipSpace()
    let start = position
    if current == UInt8(ascii: "-") { throw fault("a negative number") }
    var number = 0
    while let digit = current.flatMap({ $0 &- 48 < 10 ? Int($0 - 48) : nil }) {
      let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(digit)
      if overflow || carry { throw fault("a number that is too large") }
      number = sum
      position += 1
    }
    guard position > start else { throw fault("something that is not a whole number") }
    guard position == start + 1 || bytes[start] != 48 else {
      throw fault("a number that begins with 0")
    }
    return number
  }

  /// Checks that only white space follows.
  mutating func end() throws(HeaderFault) {
    skipSpace()
    if position < bytes.count { throw fault("something after the end of the JSON") }
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func fault(_ what: String) -> HeaderFault {
    HeaderFault("its header has \(what) at byte \(position)")
  }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(HeaderFault) {
    guard take(character) else { throw fault("no '\(character)'") }
  }
}

extension HeaderScanner {
  /// Reads a string.
  mutating func string() throws(HeaderFault) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw fault("text that is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): text += try escape().utf8
      case ..<0x20: throw fault("a control character in a string")
      default: text.append(byte)
      }
    }
    throw fault("a string that does not end")
  }

  /// Reads the rest of an escape sequence after its backslash.
  private mutating func escape() throws(HeaderFault) -> String {
    guard let byte = current else { throw fault("a string that does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw fault("an unknown escape")
    }
  }

  /// Reads the rest of a `\uXXXX` escape, and the low surrogate that follows a high one.
  private mutating func unicodeEscape() throws(HeaderFault) -> String {
    var units = [try hexadecimalUnit()]
    if UTF16.isLeadSurrogate(units[0]), current == UInt8(ascii: "\\") {
      position += 1
      guard current == UInt8(ascii: "u") else { throw fault("half a surrogate pair") }
      position += 1
      units.append(try hexadecimalUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw fault("half a surrogate pair")
    }
    return text
  }

  private mutating func hexadecimalUnit() throws(HeaderFault) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("an escape without four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}

/// Returns a text from a file for use in a message: quoted, on one line, and at most 80 characters
/// of it.
package func shown(_ text: String) -> String {
  text.count <= 80 ? text.jsonQuoted : (text.prefix(80) + "…").jsonQuoted
}
