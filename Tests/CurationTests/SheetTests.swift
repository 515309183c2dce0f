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
    #expect(page.contains("hash_correlation 0.85 keeps 2 (chosen)"), "\(page.prefix(2000))")
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
    #expect(sheet.sections.map(\.title) == ["filter.min_side: 1 dropped"])
    #expect(sheet.sections[0].rows[0].cells.map(\.image.file) == ["tiny.png"])
  }
}
