import Screen
import Testing

@Suite struct CanvasTests {
  @Test("what does not fit ends in an ellipsis and never leaves its part")
  func clipping() {
    var canvas = Canvas(Size(10, 3))
    canvas.within(Rect(x: 2, y: 1, width: 5, height: 1)) { part in
      part.text("abcdefgh", x: 0, y: 0)
      part.text("below", x: 0, y: 1)
      part.put("!", x: 5, y: 0, Style())
      part.put("!", x: -1, y: 0, Style())
    }
    #expect(canvas.rows == ["", "  abcd…", ""])
  }

  @Test("wide glyphs take two columns, marks that join none, control characters are spaces")
  func widths() {
    var canvas = Canvas(Size(8, 1))
    let end = canvas.text("画e\u{301}\u{1b}x", x: 0, y: 0)
    #expect(end == 5)
    #expect(canvas[1, 0].glyph == Cell.continuation)
    #expect(canvas.rows == ["画e x"])
    var narrow = Canvas(Size(4, 1))
    narrow.text("ab画像", x: 0, y: 0)
    #expect(narrow.rows == ["ab…"])
  }

  @Test("a text is right-aligned before a column")
  func rightAligned() {
    var canvas = Canvas(Size(6, 1))
    let start = canvas.text("12", endingAt: 6, y: 0)
    #expect(start == 4)
    #expect(canvas.rows == ["    12"])
  }

  @Test("a box has its title in its edge and drops a note without room")
  func boxes() {
    var canvas = Canvas(Size(14, 3))
    canvas.box(
      Rect(Size(14, 3)), title: [("T", Style(.title))], note: "note", border: Style(.border))
    #expect(canvas.rows == ["╭─ T ─ note ─╮", "│            │", "╰────────────╯"])
    var small = Canvas(Size(9, 2))
    small.box(Rect(Size(9, 2)), title: [("Title", Style())], note: "note", border: Style())
    #expect(small.rows == ["╭─ Tit…─╮", "╰───────╯"])
  }

  @Test("gauges count in eighths of a cell and bear any fraction")
  func gauges() {
    var canvas = Canvas(Size(4, 5))
    for (row, fraction) in [0, 0.5, 0.59375, 2, Double.nan].enumerated() {
      canvas.gauge(fraction, x: 0, y: row, width: 4)
    }
    #expect(canvas.rows == ["░░░░", "██░░", "██▍░", "████", "░░░░"])
  }

  @Test("a stacked bar gives each part its share, to the last cell")
  func stackedBars() {
    var canvas = Canvas(Size(10, 1))
    canvas.stackedBar(
      [(1, .timeData, "d"), (3, .timeStudent, "s"), (0, .bar, "x"), (1, .bar, "o")], x: 0, y: 0,
      width: 10)
    #expect(
      (0..<10).map { canvas[$0, 0].style.background } == Array(repeating: .timeData, count: 2)
        + Array(repeating: .timeStudent, count: 6) + Array(repeating: .bar, count: 2))
    #expect(canvas.rows == ["██▌██s██▌█"])
  }

  @Test("a bar of parts whose sum is not finite is left out")
  func endlessBar() {
    var canvas = Canvas(Size(8, 1))
    canvas.stackedBar(
      [(share: 1e308, role: .bar, letter: "a"), (share: 1e308, role: .bar, letter: "b")], x: 0,
      y: 0,
      width: 8)
    #expect(canvas == Canvas(Size(8, 1)))
  }

  @Test("a sparkline spans its lowest to its highest and keeps the newest at the right")
  func sparklines() {
    var canvas = Canvas(Size(9, 1))
    canvas.sparkline([0, 1, 2, 3, 4, 5, 6], x: 0, y: 0, width: 9)
    #expect(canvas.rows == ["  ▁▂▃▄▅▆▇"])
  }

  @Test("in ASCII every glyph has a substitute of its shape")
  func ascii() {
    var canvas = Canvas(Size(6, 1))
    for (x, glyph) in "│█⠁⣀⣿●".unicodeScalars.enumerated() {
      canvas.put(glyph, x: x, y: 0, Style())
    }
    #expect(canvas.ascii.rows == ["|#'.:*"])
  }
}
