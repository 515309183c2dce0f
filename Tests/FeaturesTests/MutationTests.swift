import Features
import TestSupport
import Testing

@Suite("Damaged tables of labels", .serialized)
struct MutationTests {
  @Test("a damaged table of labels is read or refused")
  func labels() {
    let folder = TemporaryFolder()
    let text = "file,label\r\na.png,heron\r\n\"b,\"\"c\"\".png\",\"grey\nheron\"\n\nd/é.png,coot\n"
    let problems = Mutations.problems(
      "labels", [Array(text.utf8), Array("a.png,1\nb.png,2\nc.png,1\n".utf8)], as: .text,
      megabytes: 32, accepted: 0.03...0.95
    ) { bytes, number in
      let table = try LabelTable(path: folder.overwrite("labels.csv", with: bytes))
      #expect(table.rows.allSatisfy { !$0.file.isEmpty && !$0.label.isEmpty }, "\(number)")
      #expect(Set(table.rows.map(\.line)).count == table.rows.count, "\(number)")
    }
    #expect(problems == [])
  }
}
