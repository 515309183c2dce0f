import Crops
import Images
import TestSupport
import Testing

@Suite("Damaged archives and lists", .serialized)
struct MutationTests {
  private let builder = ArchiveBuilder()

  /// Opens damaged versions of a file and decodes the images in it. Returns what was wrong.
  private func problems(_ name: String, _ sound: String, as content: Mutator.Content = .bytes)
    -> [String]
  {
    Mutations.problems(
      name, [bytes(of: sound)], as: content, megabytes: 64, accepted: 0.01...0.99
    ) { bytes, _ in
      let path = builder.folder.write(bytes, to: "damaged.\(name)")
      let source = try FileSource(path: path, cacheBytes: 0)
      for index in 0..<source.count { _ = try? source.image(index) }
    }
  }

  private let files = (0..<3).map { (name: "d\($0)/\($0).png", bytes: ArchiveBuilder.picture($0)) }

  @Test("a damaged tar archive is refused, or its images are read or refused")
  func tar() { #expect(problems("tar", builder.write("sound.tar", files)) == []) }

  @Test("a damaged zip archive is refused, or its images are read or refused")
  func zip() {
    #expect(problems("zip", builder.write("sound.zip", files, compressing: true)) == [])
  }

  @Test("a damaged list is refused, or its images are read")
  func list() {
    builder.folder.write(ArchiveBuilder.picture(1), to: "a.png")
    builder.folder.write(ArchiveBuilder.picture(2), to: "b.png")
    let sound = builder.folder.write("file,label\na.png,ant\n\"b.png\",bee\n", to: "sound.csv")
    #expect(problems("csv", sound) == [])
  }
}
