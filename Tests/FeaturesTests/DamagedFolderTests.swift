import Crops
import Features
import Foundation
import Images
import TestSupport
import Testing

@Suite("A folder of damaged images")
struct DamagedFolderTests {
  /// Writes damaged versions of the images of `ImagesTests`, in turns, until there are `count` that
  /// cannot be decoded. Returns the reason for each.
  private func fill(_ folder: TemporaryFolder, count: Int) throws -> [String: String] {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "ImagesTests/Fixtures")
    let sound = try [fixtures, fixtures.appending(path: "formats")].flatMap { place in
      try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
        .filter { name in ImageFormat.usualEndings.contains { name.hasSuffix("." + $0) } }
        .filter { !$0.hasPrefix("huge") }
        .map { (name: $0, bytes: [UInt8](try Data(contentsOf: place.appending(path: $0)))) }
    }
    var mutator = Mutator(seed: 11, sound.map(\.bytes))
    var reasons: [String: String] = [:]
    var number = 0
    while reasons.count < count {
      let name = "\(number)-\(sound[number % sound.count].name)"
      let path = folder.file(name)
      let damaged = mutator.version(number)
      number += 1
      do throws(ImageError) {
        _ = try decode(bytes: damaged, name: path)
      } catch {
        folder.write(damaged, to: name)
        reasons[path] = error.description
      }
    }
    return reasons
  }

  @Test("of 300 damaged files of all formats each is named once, with the reason, and passed over")
  func damaged() throws {
    let folder = TemporaryFolder()
    let reasons = try fill(folder, count: 300)
    let endings = Set(reasons.keys.map { String($0.split(separator: ".").last!) })
    #expect(
      endings.isSuperset(
        of: ImageFormat.usualEndings.filter { $0 != "jpeg" && $0 != "tiff" && $0 != "pnm" }))
    for number in 0..<3 { folder.picture("\(number)-sound.png", [200, 10, UInt8(number)]) }
    let source = try FileSource(path: folder.path)
    #expect(source.count == 303 && source.notices.isEmpty)
    let view = try EvaluationView(
      size: ImageSize(width: 8, height: 8), patch: 4, mean: [0, 0, 0], std: [1, 1, 1])
    let loader = PixelLoader(ImageViews(source, view: view), ahead: 4, threads: 2)
    defer { loader.stop() }
    var read: [String] = []
    while let (index, _) = loader.next() { read.append(source.files[index]) }
    #expect(read == ["0-sound.png", "1-sound.png", "2-sound.png"])
    #expect(Set(loader.problems.map(\.reason)) == Set(reasons.values))
    #expect(loader.problems.count == 300 && loader.problems.allSatisfy { !$0.isOutage })
  }
}
