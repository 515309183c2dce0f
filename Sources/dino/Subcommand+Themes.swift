import CommandKit
import FoundationEssentials
import Screen

extension Subcommand {
  static let themes = Subcommand(
    name: "themes", operands: "", count: 0...0,
    summary: "list the themes; choose one with DINO_THEME or --theme", options: []
  ) { _ in
    let library = ThemeLibrary.standard()
    print(TextTable(pairs: library.names.map { ($0, library.file(of: $0) ?? "built in") }).text)
    return 0
  }
}
