import Run
import Screen
import Testing

@Suite struct PaletteTests {
  @Test("colours map to the nearest of 256, the user's own sixteen left aside")
  func of256() {
    #expect(Palette.xterm256.number(.rgb(255, 0, 0)) == 196)
    #expect(Palette.xterm256.number(.rgb(8, 8, 8)) == 232)
    #expect(Palette.xterm256.number(.index(4)) == 4)
    #expect(Palette.xterm256.number(.standard) == -1)
  }

  @Test("of sixteen, greys stay grey and hues keep their hue")
  func ofSixteen() {
    #expect(Palette.sixteen.number(.rgb(0x31, 0x38, 0x49)) == 0)
    #expect(Palette.sixteen.number(.rgb(0x31, 0x38, 0x49), avoiding: 0) == 8)
    #expect([2, 10].contains(Palette.sixteen.number(.rgb(0x8f, 0xce, 0x7a))))
    #expect([1, 9].contains(Palette.sixteen.number(.rgb(0xf7, 0x76, 0x8e))))
    #expect([4, 12].contains(Palette.sixteen.number(.rgb(0x71, 0x9e, 0xff))))
    // Indices above 15 are converted to the nearest of sixteen colours.
    #expect(Palette.sixteen.number(.index(196)) == 9)
  }

  @Test("direct colours are red, green and blue, kept apart from the terminal's eight")
  func direct() {
    #expect(Palette.direct.number(.rgb(0x12, 0x34, 0x56)) == 0x123456)
    #expect(Palette.direct.number(.rgb(0, 0, 3)) == 8)
    #expect(Palette.direct.number(.index(196)) == 0xff0000)
  }

  @Test(
    "no style that is meant to be read falls on its own background", arguments: Palette.allCases)
  func legible(palette: Palette) {
    for role in Role.allCases where role != .background {
      let look = palette.look(of: Style(role), in: .builtIn)
      #expect(palette == .none || look.foreground != look.background, "\(role)")
    }
  }

  @Test("eight colours are asked for by their eight numbers")
  func eight() {
    for role in Role.allCases {
      for ground in [Role.background, .selection, .barBackground] {
        let look = Palette.eight.look(of: Style(role, on: ground), in: .builtIn)
        #expect(look.foreground < 8 && look.background < 8)
      }
    }
    let dim = Palette.eight.look(of: Style(.dim), in: .builtIn)
    #expect(dim.foreground == 7 && dim.attributes == .dim)
  }

  @Test("without colour, roles are told apart by bold, dim and reverse")
  func none() {
    for role in Role.allCases {
      let look = Palette.none.look(of: Style(role, on: .selection), in: .builtIn)
      #expect(look.foreground == -1 && look.background == -1)
      #expect(look.attributes.contains(.reverse))
    }
    #expect(Palette.none.look(of: Style(.dim), in: .builtIn).attributes == .dim)
    #expect(Palette.none.look(of: Style(.bad), in: .builtIn).attributes == [.bold, .reverse])
  }
}
