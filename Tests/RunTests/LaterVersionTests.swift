import Foundation
import Run
import Support
import Testing

@Suite("What a later version says")
struct LaterVersionTests {
  @Test("a level that is not known is a warning, and a role that is not known the least")
  func words() {
    let event = #"{"time":1,"step":2,"level":"critical","kind":"disk","text":"full"}"#
    #expect(PortableJSON.decode(RunEvent.self, Data(event.utf8))?.level == .warning)
    let roles = Data(#"["auditor","owner","operator"]"#.utf8)
    #expect(PortableJSON.decode([ClientRole].self, roles) == [.viewer, .owner, .operator])
  }
}
