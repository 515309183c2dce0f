import Screen
import Support
import Testing

@Suite struct ChartTests {
  @Test("dots stand where Unicode's braille has them")
  func braille() {
    var grid = BrailleGrid(columns: 2, rows: 1)
    for y in 0..<4 { grid.dot(x: 0, y: y, .text) }
    grid.dot(x: 3, y: 0, .text)
    grid.dot(x: 4, y: 0, .text)
    #expect(grid.glyph(column: 0, row: 0) == "⡇")
    #expect(grid.glyph(column: 1, row: 0) == "⠈")
  }

  @Test("a rising line is a diagonal of dots")
  func diagonal() {
    var grid = BrailleGrid(columns: 2, rows: 1)
    grid.line(x0: 0, y0: 3, x1: 3, y1: 0, .text)
    #expect(grid.glyph(column: 0, row: 0) == "⡠")
    #expect(grid.glyph(column: 1, row: 0) == "⠊")
  }

  @Test("a column keeps the lowest and highest of its samples, so no spike is lost")
  func spikes() {
    var points = (0..<1000).map { Point(x: Double($0), y: 1) }
    points[503].y = 9
    points[507].y = -9
    let spans = envelope(points, along: Axis(from: 0, to: 1000), columns: 10)
    #expect(spans.count == 10)
    #expect(spans[5] == ColumnSpan(column: 5, first: 1, last: 1, low: -9, high: 9))
    #expect(spans[4].high == 1)
  }

  @Test("points outside the axis or without a finite value are left out")
  func outside() {
    let points = [(-1.0, 1.0), (0, .nan), (5, 2), (11, 3)].map { Point(x: $0.0, y: $0.1) }
    #expect(envelope(points, along: Axis(from: 0, to: 10), columns: 4).map(\.column) == [2])
    #expect(envelope(points, along: Axis(from: 0, to: 10), columns: 0).isEmpty)
  }

  @Test("ticks are round, rising, within the axis, and not too many")
  func ticks() {
    #expect(Axis(from: 0, to: 10).ticks(atMost: 5).values == [0, 2, 4, 6, 8, 10])
    #expect(
      Axis(from: 0.3, to: 0.9).ticks(atMost: 3).values.map { ($0 * 10).rounded() } == [4, 6, 8])
    #expect(Axis(from: 1e-6, to: 1e-2, scale: .log).ticks(atMost: 9).values.count == 5)
    #expect(Axis(from: 1, to: 1e9, scale: .log).ticks(atMost: 4).values.count <= 5)
    let decades = Axis(from: 0.02, to: 200, scale: .log).ticks(atMost: 9)
    #expect(decades.values.map { Format.tick($0, step: $0) } == ["0.1", "1", "10", "100"])
    #expect(decades.step == nil)
    #expect(Axis(from: 0, to: 1).ticks(atMost: 0).values.isEmpty)
  }

  @Test(
    "an axis holds its values; a constant one has air, and a log axis leaves out what it cannot")
  func holding() throws {
    let flat = try #require(Axis(holding: [3, 3]))
    #expect(flat.low < 3 && flat.high > 3)
    let log = try #require(Axis(holding: [-1, 0, 1, 100], scale: .log))
    #expect(log.position(0) == nil)
    #expect(abs(log.position(10)! - 0.5) < 1e-9)
    #expect(Axis(holding: [.nan, .infinity]) == nil)
    #expect(Axis(holding: [-1, 0], scale: .log) == nil)
    #expect(Axis(holding: [0.0]) != nil)
  }

  @Test("a chart draws its curve between labelled axes, its name and value at the end")
  func chart() {
    let points = (0...10).map { Point(x: Double($0), y: Double($0)) }
    var chart = LineChart(
      series: [Series(points, .lossTotal, label: "loss 10")], x: Axis(from: 0, to: 10))
    chart.y = Axis(from: 0, to: 10)
    chart.marks = [Mark(x: 10, glyph: "◆")]
    var canvas = Canvas(Size(22, 5))
    chart.draw(on: &canvas)
    #expect(
      canvas.rows == [
        "10┤        ⢀⠔⠉ loss 10", "  │      ⡠⠒⠁ ┊", " 5┤  ⢀⡠⠒⠉    ┊", " 0┤⡠⠔⠁       ┊",
        "  ╰0────5───10",
      ])
  }

  @Test("labels of near curves move apart, in order, and stay inside")
  func labels() {
    #expect(spread([0, 0, 0], rows: 5) == [0, 1, 2])
    #expect(spread([4, 4, 4], rows: 5) == [2, 3, 4])
    #expect(spread([3, 1], rows: 5) == [3, 1])
    #expect(spread([0, 0, 0], rows: 2) == [0, 1, nil])
    #expect(spread([2], rows: 0) == [nil])
  }

  @Test("a logarithmic chart spans its positive values, whatever others there are")
  func logarithmic() {
    let values = [-1, 0, 0.1, .infinity, 1, 10, .nan, 100.0]
    let points = values.enumerated().map { Point(x: Double($0), y: $1) }
    func rows(_ points: [Point]) -> [String] {
      var chart = LineChart(series: [Series(points, .lossTotal)], x: Axis(from: 0, to: 7))
      chart.scale = .log
      var canvas = Canvas(Size(30, 12))
      chart.draw(on: &canvas)
      return canvas.rows
    }
    let drawn = rows(points)
    #expect(drawn.contains { $0.contains("100┤") } && drawn.contains { $0.contains("0.1┤") })
    #expect(drawn == rows(points.filter { $0.y.isFinite && $0.y > 0 }))
    #expect(rows(Array(points.prefix(2))).joined().contains("nothing above zero"))
    // What is not shown does not stretch the axis.
    #expect(rows([Point(x: -1, y: 1e9)] + points + [Point(x: 8, y: 1e-9)]) == drawn)
  }

  @Test("without data a chart says so")
  func empty() {
    var canvas = Canvas(Size(30, 5))
    LineChart(series: [], x: Axis(from: 0, to: 1)).draw(on: &canvas)
    #expect(canvas.rows[2].contains("no data yet"))
  }
}
