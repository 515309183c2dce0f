import CommandKit
import FoundationEssentials
import Screen
import Support

#if canImport(Glibc)
  import Glibc
#endif

extension Subcommand {
  static let themes = Subcommand(
    name: "themes", operands: "", count: 0...0,
    summary: "list the themes with their colours; choose one with t, DINO_THEME or --theme",
    options: []
  ) { _ in
    let library = ThemeLibrary.standard()
    let environment = ProcessInfo.processInfo.environment
    let isShown =
      isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
      && environment["TERM"] != "dumb"
    let width = library.names.map(\.columns).max() ?? 0
    for name in library.names {
      let colours = isShown ? (try? library.load(name)).map(swatch) ?? "" : ""
      print("\(name.padded(width))  \(colours)\(library.file(of: name) ?? "built in")")
    }
    return 0
  }

  /// Returns words and bars in a theme's colours, for a terminal with at least 256 of them.
  private static func swatch(_ theme: Theme) -> String {
    let page = code(theme[.background], isGround: true)
    let words: [(Role, String)] = [
      (.title, " loss "), (.lossTotal, "━━ "), (.lossLocal, "━━ "), (.lossGlobal, "━━ "),
      (.lossKoleo, "━━ "), (.lossIbot, "━━ "), (.good, "● "), (.warn, "▲ "), (.bad, "✗ "),
      (.key, "p "), (.dim, "pause "),
    ]
    let shown = Terminal.showsUnicode
    let parts = words.map { role, word in
      let glyphs = shown ? word : String(String.UnicodeScalarView(word.unicodeScalars.map(\.ascii)))
      return page + code(theme[role], isGround: false) + glyphs
    }
    return parts.joined() + "\u{1b}[0m  "
  }

  /// Returns the sequence that chooses a colour.
  private static func code(_ colour: Colour, isGround: Bool) -> String {
    let kind = isGround ? 48 : 38
    return switch colour {
    case .standard: "\u{1b}[\(isGround ? 49 : 39)m"
    case .index(let index): "\u{1b}[\(kind);5;\(index)m"
    case .rgb(let red, let green, let blue): "\u{1b}[\(kind);2;\(red);\(green);\(blue)m"
    }
  }
}
