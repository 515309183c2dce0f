import Foundation
import Run
import Screen
import TestSupport
import Testing

@Suite("Pictures with all their pixels")
struct KittyGraphicsTests {
  private func image(_ width: Int, _ height: Int) -> CanvasImage {
    CanvasImage(
      place: Rect(x: 4, y: 2, width: 10, height: 5), width: width, height: height,
      pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 * 7) })
  }

  /// The keys and the payload of each command in a text.
  private func commands(_ text: String) -> [(keys: [String: String], payload: String)] {
    text.components(separatedBy: "\u{1b}_G").dropFirst().map { part in
      let command = part.components(separatedBy: "\u{1b}\\")[0]
      let parts = command.split(separator: ";", maxSplits: 1).map(String.init)
      let pairs = parts[0].split(separator: ",").map { $0.split(separator: "=").map(String.init) }
      return (
        Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) }),
        parts.count > 1 ? parts[1] : ""
      )
    }
  }

  @Test("an image is sent in parts of 4096 characters, and is whole when they are put together")
  func parts() throws {
    let image = image(80, 70)
    let text = KittyGraphics.text([image])
    #expect(text.hasPrefix("\u{1b}7") && text.hasSuffix("\u{1b}8"))
    #expect(text.contains("\u{1b}[3;5H"))
    let all = commands(text)
    #expect(all[0].keys == ["a": "d", "d": "A", "q": "2"])
    let sent = all.dropFirst()
    #expect(sent.count == 6 && sent.allSatisfy { $0.payload.count <= 4096 })
    let first = try #require(sent.first).keys
    #expect(first["s"] == "80" && first["v"] == "70" && first["c"] == "10" && first["r"] == "5")
    #expect(first["a"] == "T" && first["f"] == "24" && first["q"] == "2" && first["C"] == "1")
    #expect(sent.map { $0.keys["m"] } == ["1", "1", "1", "1", "1", "0"])
    let data = try #require(Data(base64Encoded: sent.map(\.payload).joined()))
    #expect(Array(data) == image.pixels)
  }

  @Test("each pixel of a picture of few pixels becomes a square")
  func enlarged() throws {
    let small = image(16, 8)
    let all = commands(KittyGraphics.text([small])).dropFirst()
    let keys = try #require(all.first).keys
    #expect(keys["s"] == "128" && keys["v"] == "64")
    let data = Array(try #require(Data(base64Encoded: all.map(\.payload).joined())))
    for (x, y) in [(0, 0), (7, 7), (8, 0), (127, 63), (64, 40)] {
      let (from, to) = (3 * (y / 8 * 16 + x / 8), 3 * (y * 128 + x))
      #expect(Array(data[to..<to + 3]) == Array(small.pixels[from..<from + 3]), "\(x) \(y)")
    }
  }

  @Test("terminals are known by what they say of themselves, and not within tmux")
  func known() {
    for environment in [
      ["TERM": "xterm-kitty"], ["KITTY_WINDOW_ID": "1"], ["TERM_PROGRAM": "WezTerm"],
      ["DINO_GRAPHICS": "kitty", "TMUX": "x"],
    ] { #expect(KittyGraphics.isKnown(environment), "\(environment)") }
    for environment in [
      ["TERM": "xterm-256color"], ["TERM": "xterm-kitty", "TMUX": "/tmp/x"],
      ["TERM": "xterm-kitty", "DINO_GRAPHICS": "none"], ["TERM_PROGRAM": "vscode"],
    ] { #expect(!KittyGraphics.isKnown(environment), "\(environment)") }
  }

  @Test("the pictures of the panel are images where they stand, and none under a window")
  func panel() throws {
    var view = SampleRun.view { ($0.panel, $0.isExpanded) = (.pictures, true) }
    view.pictures = [ProbePicture.Kind.image, .components].map { kind in
      ProbePicture(
        step: 0, number: 0, kind: kind, width: 8, height: 8,
        pixels: [UInt8](repeating: 90, count: 8 * 8 * 3))
    }
    let canvas = drawDashboard(view, size: Size(80, 24))
    #expect(canvas.images.count == 2 && canvas.visibleImages == canvas.images)
    for image in canvas.images {
      #expect(canvas[image.place.x, image.place.y].glyph == Cell.pixels)
      #expect(image.place.intersection(Rect(canvas.size)) == image.place)
    }
    view.state.overlay = .help
    #expect(drawDashboard(view, size: Size(80, 24)).visibleImages.isEmpty)
  }
}
