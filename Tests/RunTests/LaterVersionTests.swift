import Foundation
import Run
import Support
import Testing

@Suite("What a later version says")
struct LaterVersionTests {
  @Test("words that are not known are taken in the way that is safe")
  func words() {
    let event = #"{"time":1,"step":2,"level":"critical","kind":"disk","text":"full"}"#
    #expect(PortableJSON.decode(RunEvent.self, Data(event.utf8))?.level == .warning)
    let roles = Data(#"["auditor","owner","operator"]"#.utf8)
    #expect(PortableJSON.decode([ClientRole].self, roles) == [.viewer, .owner, .operator])
    let states = Data(#"["waiting","paused"]"#.utf8)
    #expect(PortableJSON.decode([RunState].self, states) == [.running, .paused])
    let kinds = Data(#"["labelling","curation"]"#.utf8)
    #expect(PortableJSON.decode([WorkKind].self, kinds) == [.other, .curation])
  }
}
