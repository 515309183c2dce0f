import Run
import Testing

@Suite("The journal is appended to, and the present is a fold over it")
struct JournalTests {
  private func entry(
    _ id: String, _ change: Change, step: Int = 1, _ effect: ChangeEffect? = nil
  ) -> JournalEntry {
    JournalEntry(id: id, time: 0, step: step, client: "anna", change: change, effect: effect)
  }

  /// A `set`, a phase with a `set` within it, the `back` that undoes the phase, and a note.
  private var journal: Journal {
    Journal([
      entry("a", .set(SetSchedule(.lr, to: 0.5)), .from(0.1)),
      entry("b", .phase(PhaseRequest(to: "next")), step: 9, .phases("[]")),
      entry("c", .set(SetSchedule(.lr, to: 0.2)), step: 12, .from(0.5)),
      entry("d", .back, step: 9, .undoes("b")),
      entry("e", .note(Note("again")), step: 9),
    ])
  }

  @Test("what was undone stays written down and does not hold any more")
  func fold() {
    #expect(journal.entries.map(\.id) == ["a", "b", "c", "d", "e"])
    #expect(journal.inForce.map(\.id) == ["a", "d", "e"])
  }

  @Test("an id is there once: the first entry counts")
  func ids() {
    var journal = journal
    let again = journal.append(entry("a", .pause))
    let new = journal.append(entry("f", .pause))
    #expect(!again && new)
    #expect(journal.entry("a")?.scheduleSet == .lr && journal.entry("x") == nil)
    #expect(journal.entries.count == 6)
  }

  @Test("a checkpoint's journal comes first, then what was asked for after it")
  func merging() {
    let later = Journal([entry("c", .pause), entry("g", .resume), entry("f", .pause)])
    #expect(journal.merging(later).entries.map(\.id) == ["a", "b", "c", "d", "e", "g", "f"])
  }

  @Test("a change is taken back by what held before it")
  func inverse() {
    var journal = Journal()
    #expect(journal.inverse(of: "a") == nil)
    journal.append(entry("a", .set(SetSchedule(.lr, to: 0.5, over: 9)), .from(0.1)))
    #expect(journal.inverse(of: "a") == .set(SetSchedule(.lr, to: nil, over: 9)))
    journal.append(entry("b", .set(SetSchedule(.weightDecay, to: 0.1)), .from(0.2)))
    journal.append(entry("c", .set(SetSchedule(.lr, to: 0.2)), .from(0.5)))
    #expect(journal.inverse(of: "c") == .set(SetSchedule(.lr, to: 0.5)))
    journal.append(entry("d", .pause))
    #expect(journal.inverse(of: "d") == .resume)
    journal.append(entry("e", .phase(PhaseRequest(to: "next")), .phases("[]")))
    #expect(journal.inverse(of: "e") == .back)
    journal.append(entry("f", .set(SetSchedule(.lr, to: 0.9)), .from(0.2)))
    journal.append(entry("g", .back, .undoes("e")))
    #expect(journal.inverse(of: "f") == nil, "it was undone with the phase")
    #expect(journal.inverse(of: "c") == .set(SetSchedule(.lr, to: 0.5)))
    #expect(journal.inverse(of: "g") == nil)
  }

  @Test("the last change that can be taken back is found, and each is taken back once")
  func undo() {
    var journal = Journal([
      entry("a", .set(SetSchedule(.lr, to: 0.5)), .from(0.1)),
      entry("b", .set(SetSchedule(.weightDecay, to: 0.2)), step: 5, .from(0.1)),
      entry("c", .pause, step: 8), entry("d", .note(Note("x")), step: 8),
    ])
    #expect(journal.lastUndoable?.id == "b")
    #expect(journal.fate(of: journal.entry("b")!) == nil)
    let id = Journal.undoing("b")
    journal.append(entry(id, journal.inverse(of: "b")!, step: 20, .from(0.2)))
    #expect(journal.lastUndoable?.id == "a")
    #expect(journal.fate(of: journal.entry("b")!) == "taken back from step 20 on")
    #expect(journal.fate(of: journal.entry(id)!) == "takes back that of step 5")
    #expect(Journal.undone(by: id) == "b" && Journal.undone(by: "b") == nil)
    #expect(Journal.short("undo-0123456789") == "undo-01234567")
    journal.append(entry(Journal.undoing("a"), journal.inverse(of: "a")!, step: 21, .from(0.5)))
    #expect(journal.lastUndoable == nil)
    #expect(self.journal.fate(of: self.journal.entry("c")!) == "dropped with its phase")
  }

  @Test("a change that was to begin later is not what a schedule followed before")
  func inverseBeforeLater() {
    let journal = Journal([
      entry("a", .set(SetSchedule(.lr, to: 0.5, at: .at(300))), step: 300, .from(0.1)),
      entry("b", .set(SetSchedule(.lr, to: 0.2)), step: 100, .from(0.1)),
    ])
    #expect(journal.inverse(of: "b") == .set(SetSchedule(.lr, to: nil)))
  }
}
