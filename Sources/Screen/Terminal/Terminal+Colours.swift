import CNCurses

extension Terminal {
  /// The name to open the terminal under: its variant with direct colours where the user's
  /// environment promises them and the database knows it.
  static func terminalName(_ environment: [String: String]) -> String {
    let name = environment["TERM"] ?? "dumb"
    guard ["truecolor", "24bit"].contains(environment["COLORTERM"]) else { return name }
    let direct = name.replacing("-256color", with: "") + "-direct"
    return dino_knows_terminal(direct) == 1 ? direct : name
  }

  /// How many colours there are, once ncurses has started. `NO_COLOR`, unless it is
  /// empty, means none, as https://no-color.org has it.
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
