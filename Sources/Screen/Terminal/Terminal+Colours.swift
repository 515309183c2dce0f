import CNCurses

extension Terminal {
  /// Returns the terminal's name, or that of its direct-colour variant if `COLORTERM` promises
  /// direct colour and the terminal database has the variant.
  static func terminalName(_ environment: [String: String]) -> String {
    let name = environment["TERM"] ?? ""
    guard ["truecolor", "24bit"].contains(environment["COLORTERM"]) else { return name }
    let direct = name.replacing("-256color", with: "") + "-direct"
    return dino_knows_terminal(direct) == 1 ? direct : name
  }

  /// Returns the terminal's palette, once ncurses has started.
  /// `NO_COLOR`, unless it is empty, disables colours (see https://no-color.org).
  static func palette(_ environment: [String: String]) -> Palette {
    guard environment["NO_COLOR", default: ""].isEmpty else { return .none }
    start_color()
    use_default_colors()
    return switch dino_colours() {
    case ..<8: .none
    case ..<16: .eight
    case ..<256: .sixteen
    case 256: .xterm256
    default: .direct
    }
  }
}
