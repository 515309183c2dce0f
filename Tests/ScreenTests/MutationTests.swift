import FoundationEssentials
import Run
import Screen
import TestSupport
import Testing
import Wire

@Suite("Damaged runs and themes on the screen", .serialized)
struct MutationTests {
  @Test("a damaged theme colours the screen or is refused")
  func theme() throws {
    let folder = TemporaryFolder()
    let text = "# mine\ntext = #ffffff\nbackground = default # own\ntitle= 12\nbar =bright_red\n"
    let problems = Mutations.problems(
      "theme", [Array(text.utf8)], as: .text, megabytes: 16, accepted: 0.03...0.95
    ) { bytes, _ in
      folder.overwrite("mine.theme", with: bytes)
      let theme = try ThemeLibrary(folders: [folder.path]).load("mine")
      for role in Role.allCases { _ = theme[role] }
    }
    #expect(problems == [])
  }

  @Test("every panel is drawn of whatever a daemon sends")
  func dashboard() throws {
    let frames = ReplyCoding.encode(
      Reply(
        id: "a", outcome: .ok,
        snapshot: SampleRun.record(steps: 40, of: 400).snapshot(sequence: 1)))
    let problems = Mutations.problems(
      "dashboard", [sortedJSON(frames[0]), sortedJSON(frames[0]), Array(frames[2])], as: .text,
      megabytes: 32,
      accepted: 0.03...0.95
    ) { bytes, number in
      let place = number % 3 == 2 ? 2 : 0
      var damaged = frames
      damaged[place] = Data(bytes)
      guard let snapshot = try ReplyCoding.decode(damaged).snapshot else {
        throw MutationRefusal("no snapshot")
      }
      let view = SampleRun.view(RunRecord(snapshot: snapshot)) { state in
        state.panel = Panel.training[number % Panel.training.count]
        state.scale = number % 2 == 0 ? .linear : .log
        state.window = number % 5 == 0 ? 10 : nil
      }
      _ = drawDashboard(view, size: number % 4 == 0 ? Size(120, 40) : Size(80, 24))
    }
    #expect(problems == [])
  }
}
