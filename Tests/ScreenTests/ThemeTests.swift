import Foundation
import Run
import Screen
import Testing

@Suite struct ThemeTests {
  private static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/themes"
  private static let library = ThemeLibrary(folders: [folder])

  @Test("the themes that come with Dino are there, and each colours every role")
  func shipped() throws {
    #expect(
      Self.library.names == [
        "dino", "colour-blind", "colour-blind-light", "dusk", "high-contrast", "light", "mono",
        "terminal",
      ])
    for name in Self.library.names {
      let text = try String(contentsOfFile: "\(Self.folder)/\(name).theme", encoding: .utf8)
      _ = try Theme(name: name, text: text, file: name)
      for role in Role.allCases {
        #expect(text.contains("\n\(role.rawValue) "), "\(name) leaves out \(role.rawValue)")
      }
    }
  }

  @Test("the built-in theme is the default theme's file")
  func builtIn() throws { #expect(try Self.library.load("dino") == .builtIn) }

  @Test("the default stands in where no folder has themes")
  func withoutFolders() throws {
    let library = ThemeLibrary(folders: ["/nonexistent"])
    #expect(library.names == ["dino"])
    #expect(try library.load("dino") == .builtIn)
  }

  @Test(
    "a wrong line is refused with file, line and remedy",
    arguments: [
      ("text #fff", "t:1: expected 'role = colour', found 'text #fff'"),
      ("# c\n\ntitel = red", "t:3: unknown role 'titel'; did you mean 'title'?"),
      ("qqqqq = red", "t:1: unknown role 'qqqqq'"),
      (
        "text = #12345",
        "t:1: '#12345' is not a colour; give #rrggbb, 0 to 255, 'default' or a name "
          + "such as 'blue'"
      ),
      (
        "text = 256",
        "t:1: '256' is not a colour; give #rrggbb, 0 to 255, 'default' or a name such "
          + "as 'blue'"
      ),
      ("text =", "t:1: 'text' takes one colour, as in 'text = #89b4fa'"),
      ("text = red blue", "t:1: 'text' takes one colour, as in 'text = #89b4fa'"),
      ("text = red\ntext = blue", "t:2: 'text' is given twice"),
    ])
  func refusals(text: String, reason: String) {
    let error = #expect(throws: ThemeError.self) { try Theme(name: "t", text: text, file: "t") }
    #expect(error?.description == reason)
  }

  @Test("colours are read in each of their forms")
  func colours() throws {
    let text = "text = #7aA2f7 # blue\ndim=bright_black\nborder = 244\nbackground = default\n"
    let theme = try Theme(name: "t", text: text, file: "t")
    #expect(theme[.text] == .rgb(0x7a, 0xa2, 0xf7))
    #expect(theme[.dim] == .index(8))
    #expect(theme[.border] == .index(244))
    #expect(theme[.background] == .standard)
    #expect(Colour("+1") == nil)
    #expect(Colour("#+12345") == nil)
  }

  @Test("a role left out takes the colour of text, the selection exchanges text and background")
  func leftOut() throws {
    let theme = try Theme(name: "t", text: "text = 250\nbackground = 16", file: "t")
    #expect(theme[.warn] == .index(250))
    #expect(theme[.selection] == .index(250))
    #expect(theme[.selectionText] == .index(16))
  }

  @Test("an unknown theme is refused with the nearest name and all names")
  func unknown() {
    #expect(throws: ThemeError.self) { try Self.library.load("../themes/dino") }
    let error = #expect(throws: ThemeError.self) { try Self.library.load("ligth") }
    #expect(error?.description.contains("did you mean 'light'?") == true)
  }
}
