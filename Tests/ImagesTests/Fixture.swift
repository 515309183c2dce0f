import Foundation
import Images
import Testing

/// Small files written with Pillow 12.3, each with the pixels that Pillow reads from it, as PPM;
/// `grey16` has the values rounded to 8 bits.
enum Fixture {
  static func path(_ name: String) -> String {
    Bundle.module.resourceURL!.appendingPathComponent("Fixtures/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  static func picture(_ name: String) throws -> RGBImage {
    try picture(file: "\(name).ppm")
  }

  /// The names of the files in `Fixtures/formats` that this build reads, and of the files with
  /// their pixels. `Tests/Reference/image_formats.py` made them with Pillow 13.0.
  static let formats: [String: String] = {
    let all = try! JSONDecoder().decode(
      [String: String].self, from: Data(bytes("formats/cases.json")))
    return all.filter { name, _ in
      ImageFormat.usualEndings.contains { name.hasSuffix("." + $0) }
    }
  }()

  /// Returns a file of `Fixtures/formats`.
  static func format(_ name: String) throws -> [UInt8] { try bytes("formats/\(name)") }

  /// Returns the pixels that a file of `Fixtures/formats` has.
  static func expected(_ name: String) throws -> RGBImage {
    try picture(file: "formats/\(#require(formats[name]))")
  }

  private static func picture(file: String) throws -> RGBImage {
    let bytes = try bytes(file)
    let header = bytes.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
    let size = String(decoding: header[1], as: UTF8.self).split(separator: " ").map { Int($0)! }
    return RGBImage(width: size[0], height: size[1], pixels: Array(header[3]))
  }

  /// Calls `body` with a new folder, which is removed afterwards.
  static func inTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("images-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }
}

/// Returns the error that `body` throws; `nil` if it throws none.
func problem(_ body: () throws(ImageError) -> Void) -> ImageError.Problem? {
  do {
    try body()
    return nil
  } catch {
    return error.problem
  }
}

extension ImageError.Problem {
  var isDamage: Bool { if case .damaged = self { true } else { false } }
  var isTooLarge: Bool { if case .tooLarge = self { true } else { false } }
}
