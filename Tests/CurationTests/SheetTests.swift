import Curation
import Foundation
import Images
import TestSupport
import Testing

@Suite("Sheets of pictures")
struct SheetTests {
  private let test = TestPool()

  @Test("a page has its pictures in it, no script, and names as they are, escaped")
  func page() throws {
    let name = "<script>alert(1)</script> & \"a\".png".replacing("/", with: "_")
    try test.add(test.picture(0), name)
    try test.add(test.picture(0).mirrored, "b.png")
    try test.add(test.picture(1), "c.png")
    try test.curate()
    let context = try test.context(test.plan(), isChanging: false)
    let sheet = try Sheet(.duplicates, context)
    let pictures = try SheetPictures(sheet, context)
    let page = sheet.html(pictures)
    #expect(!page.contains("<script") && page.contains("&lt;script&gt;alert"))
    #expect(page.contains("Content-Security-Policy\" content=\"default-src 'none'"))
    #expect(!page.contains("http:") && !page.contains("https:"))
    let data = try #require(page.firstMatch(of: /base64,([A-Za-z0-9+\/=]+)/))
    let bytes = try #require(Data(base64Encoded: String(data.1)))
    let image = try decode(bytes: Array(bytes), name: "picture")
    #expect(image.width == 96 && image.height == 96)
    #expect(sheet.picture(pictures).width > 200)
    #expect(page.contains("duplicates.hash_correlation</h2>"))
    #expect(page.contains(" checked><label for=\"option0-3\">0.85 keeps 2 (chosen)</label>"))
    // A picture is in the page once, however many rows show it.
    #expect(page.matches(of: /base64,/).count == 2)
  }

  @Test("in a terminal it is pictures of half blocks, or without colours a list")
  func terminal() throws {
    for number in 0..<3 { try test.add(test.picture(number), "\(number).png") }
    try test.curate()
    let context = try test.context(test.plan(), isChanging: false)
    let sheet = try Sheet(.sample, context)
    let pictures = try SheetPictures(sheet, context)
    let coloured = sheet.terminal(pictures, columns: 40, isColoured: true)
    #expect(coloured.contains("\u{2580}") && coloured.contains("\u{1B}[38;2;"))
    // Two pictures of 16 columns and a space.
    let widths = coloured.split(separator: "\n").map { line in line.count { $0 == "\u{2580}" } }
    #expect(widths.max() == 32, "\(widths)")
    let plain = sheet.terminal(pictures, columns: 40, isColoured: false)
    #expect(!plain.contains("\u{1B}") && plain.contains("1.png"))
  }

  @Test("each rule's section says how many it dropped")
  func dropped() throws {
    for number in 0..<3 { try test.add(test.picture(number), "\(number).png") }
    try test.add(test.picture(4).resized(toWidth: 20, toHeight: 20), "tiny.png")
    try test.curate()
    let context = try test.context(test.plan(), isChanging: false)
    let sheet = try Sheet(.filter, context)
    #expect(
      sheet.sections.map(\.title).prefix(2) == ["filter.min_side: 1 dropped", "filter.min_side"])
    #expect(sheet.sections[0].rows[0].cells.map(\.image.file) == ["tiny.png"])
  }

  @Test("options say what other limits of a rule would keep, with what is on either side of each")
  func limits() throws {
    for number in 0..<9 {
      let side = 60 + 4 * number
      try test.add(test.picture(number).resized(toWidth: side, toHeight: side), "\(number).png")
    }
    try test.curate("filter: {min_side: 72}\n", until: .filter)
    let context = try test.context(test.plan("filter: {min_side: 72}\n"), isChanging: false)
    let sheet = try Sheet(.filter, context)
    let options = try #require(sheet.sections.first { $0.title == "filter.min_side" }).options
    #expect(options.map(\.label) == ["60 keeps 9", "72 keeps 6 (chosen)"])
    let sides = options[1].rows.map { $0.cells.map(\.image.width) }
    #expect(sides == [[60, 64, 68], [72, 76, 80, 84, 88, 92]])
  }

  @Test("options say what other thresholds of copies would keep, and show what they would link")
  func thresholds() throws {
    for number in 0..<8 {
      try test.add(test.picture(number), "\(number).png")
      try test.add(
        test.picture(number).resizedCrop(
          left: number, top: number, width: 96 - 2 * number, height: 96 - 2 * number,
          toWidth: 90, toHeight: 90), "cut\(number).png")
    }
    let plan = "filter: {min_side: 8}\nduplicates: {parts: false}\n"
    try test.curate(plan, until: .duplicates)
    let context = try test.context(test.plan(plan), isChanging: false)
    let sheet = try Sheet(.duplicates, context)
    let options = try #require(
      sheet.sections.first { $0.title == "duplicates.hash_correlation" }
    ).options
    // Each option keeps what the stage would keep with that threshold.
    for option in options {
      let changed = plan.replacing(
        "parts: false", with: "parts: false, hash_correlation: \(option.value)")
      #expect(
        try test.kept(test.curate(changed, until: .duplicates), after: .duplicates).count
          == option.kept)
    }
    #expect(Set(options.map(\.kept)).count > 1)
    let chosen = try #require(options.first { $0.isChosen })
    #expect(chosen.value == "0.85")
  }

  @Test("options say what other numbers of neighbours would bring in")
  func numbers() throws {
    test.embedding = ColourEmbedding()
    for number in 0..<12 {
      try test.add(.coloured(200, 60 + 8 * number, 60, seed: number), "\(number).png")
    }
    for number in 0..<2 {
      test.folder.write(
        encodePNG(.coloured(200, 62 + 60 * number, 60, seed: 60 + number)),
        to: "examples/\(number).png")
    }
    func plan(_ count: Int) -> String {
      "embed: {weights: colours}\nduplicates: {parts: false, hash_distance: 0, hash_correlation: 1}\n"
        + "retrieve: {queries: [examples], neighbours: \(count)}\n"
    }
    try test.curate(plan(2), until: .retrieve)
    let context = try test.context(test.plan(plan(2)), isChanging: false)
    let sheet = try Sheet(.retrieve, context)
    let options = try #require(sheet.sections.first { $0.title == "retrieve.neighbours" }).options
    #expect(options.map(\.value) == ["1", "2", "4", "8"])
    #expect(options.map(\.isChosen) == [false, true, false, false])
    for option in options {
      let catalogue = try test.curate(plan(Int(option.value)!), until: .retrieve)
      #expect(try test.kept(catalogue, after: .retrieve).count == option.kept, "\(option.label)")
    }
  }
}
