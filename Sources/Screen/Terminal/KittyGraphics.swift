import FoundationEssentials

/// Pictures with all their pixels in terminals that know kitty's graphics protocol
/// (https://sw.kovidgoyal.net/kitty/graphics-protocol): kitty, Ghostty, WezTerm.
package enum KittyGraphics {
  private static let escape = "\u{1b}"
  /// The most characters of an image in one command.
  private static let chunk = 4096
  /// Smaller pictures are enlarged to about this side, so that the terminal does not blur what is one pixel a patch.
  private static let leastSide = 64

  /// Removes all images.
  package static let removal = command("a=d,d=A,q=2", "")

  /// Whether a terminal knows the protocol, by what it says of itself. `DINO_GRAPHICS` decides, if it is `kitty` or
  /// `none`. tmux and screen pass no images on.
  package static func isKnown(_ environment: [String: String]) -> Bool {
    switch environment["DINO_GRAPHICS"] {
    case "kitty": return true
    case "none": return false
    default: break
    }
    func has(_ name: String) -> Bool { environment[name, default: ""].isEmpty == false }
    guard !has("TMUX"), !has("STY") else { return false }
    return has("KITTY_WINDOW_ID")
      || ["xterm-kitty", "xterm-ghostty"].contains(environment["TERM"])
      || ["WezTerm", "ghostty"].contains(environment["TERM_PROGRAM"])
  }

  /// The text that shows images in the place of all that were shown, and leaves the cursor where it is.
  package static func text(_ images: [CanvasImage]) -> String {
    escape + "7" + removal + images.map(text).joined() + escape + "8"
  }

  private static func text(_ image: CanvasImage) -> String {
    let (width, height, pixels) = enlarged(image)
    let place = image.place
    let data = Data(pixels).base64EncodedString()
    var text = "\(escape)[\(place.y + 1);\(place.x + 1)H"
    var rest = data[...]
    var keys =
      "a=T,f=24,s=\(width),v=\(height),c=\(place.width),r=\(place.height),C=1,q=2,"
    while !rest.isEmpty {
      let part = rest.prefix(chunk)
      rest = rest.dropFirst(chunk)
      text += command(keys + "m=\(rest.isEmpty ? 0 : 1)", part)
      keys = ""
    }
    return text
  }

  private static func command(_ keys: String, _ payload: some StringProtocol) -> String {
    escape + "_G" + keys + (payload.isEmpty ? "" : ";" + payload) + escape + "\\"
  }

  private static func enlarged(_ image: CanvasImage) -> (width: Int, height: Int, pixels: [UInt8]) {
    let factor = max(1, leastSide / max(1, min(image.width, image.height)))
    guard factor > 1 else { return (image.width, image.height, image.pixels) }
    let (width, height) = (image.width * factor, image.height * factor)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        let at = 3 * (y / factor * image.width + x / factor)
        pixels += image.pixels[at..<at + 3]
      }
    }
    return (width, height, pixels)
  }
}
