/// A colour in a theme.
package enum Colour: Equatable, Hashable, Sendable {
  /// The terminal's default foreground or background.
  case standard
  /// One of xterm's 256 colours. The terminal defines the first 16.
  case index(UInt8)
  case rgb(UInt8, UInt8, UInt8)

  /// Parses `#rrggbb`, a number from 0 to 255, `default` or a colour's name. Returns `nil` for
  /// anything else.
  package init?(_ text: String) {
    if text == "default" {
      self = .standard
    } else if let index = Self.names.firstIndex(of: text) {
      self = .index(UInt8(index))
    } else if let index = UInt8(text), text.allSatisfy(\.isNumber) {
      self = .index(index)
    } else if text.count == 7, text.hasPrefix("#"), let value = UInt32(text.dropFirst(), radix: 16),
      text.dropFirst().allSatisfy(\.isHexDigit)
    {
      self = .rgb(UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255))
    } else {
      return nil
    }
  }

  /// The names of the first 16 colours.
  package static let names = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright_black", "bright_red", "bright_green", "bright_yellow", "bright_blue",
    "bright_magenta", "bright_cyan", "bright_white",
  ]

  /// Red, green and blue from 0 to 255, or `nil` for the terminal's default.
  package var components: SIMD3<Float>? {
    switch self {
    case .standard: nil
    case .index(let index): Self.xterm[Int(index)]
    case .rgb(let red, let green, let blue): SIMD3(Float(red), Float(green), Float(blue))
    }
  }

  /// The 256 colours of xterm: 16 named ones, a cube of 6 × 6 × 6, and 24 greys.
  static let xterm: [SIMD3<Float>] = {
    let named: [SIMD3<Float>] = [
      [0, 0, 0], [205, 0, 0], [0, 205, 0], [205, 205, 0], [0, 0, 238], [205, 0, 205],
      [0, 205, 205], [229, 229, 229], [127, 127, 127], [255, 0, 0], [0, 255, 0], [255, 255, 0],
      [92, 92, 255], [255, 0, 255], [0, 255, 255], [255, 255, 255],
    ]
    let levels: [Float] = [0, 95, 135, 175, 215, 255]
    let cube = (0..<216).map { SIMD3(levels[$0 / 36], levels[$0 / 6 % 6], levels[$0 % 6]) }
    let greys = (0..<24).map { SIMD3<Float>(repeating: Float(8 + 10 * $0)) }
    return named + cube + greys
  }()
}
