import Foundation
import Run
import Testing

@Suite("Several changes are made together, or none of them")
struct TogetherTests {
  private let sets = [
    SetSchedule(.lr, to: 1e-4, over: 100), SetSchedule(.weightDecay, to: nil, factor: 0.5),
  ]

  @Test("set commands with semicolons between them are one change, which comes back from its line")
  func line() throws {
    let line = "set lr 1e-4 --over 100; set weight_decay x0.5"
    #expect(try Change(line: line) == .together(sets))
    let change = Change.together(sets)
    #expect(try Change(line: change.line) == change)
    #expect(change.summary.hasPrefix("set lr to 1.00e-4 over 100 steps, weight_decay"))
    let json = try JSONEncoder().encode(change)
    #expect(try JSONDecoder().decode(Change.self, from: json) == change)
  }

  @Test(
    "what cannot be done together is refused",
    arguments: [
      ("set lr 1e-4; set lr 2e-4", "lr is set twice"), ("set lr 1; pause", "pause cannot be done"),
      ("set lr 1; set lt 2", "did you mean 'lr'?"), ("set lr 1;", "two set commands or more"),
    ])
  func refused(_ line: String, _ reason: String) {
    let error = #expect(throws: ChangeRefusal.self) { try Change(line: line) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  private func entry(_ id: String, _ set: SetSchedule) -> JournalEntry {
    JournalEntry(id: id, time: 0, step: 5, client: "anna", change: .set(set), effect: .from(0.1))
  }

  @Test("they are taken back together, and one by one once one of them was")
  func undo() {
    let ids = Journal.members(of: "0123456789", count: 2)
    #expect(ids == ["0123456789/1", "0123456789/2"] && Journal.short(ids[1]) == "01234567/2")
    var journal = Journal(zip(ids, sets).map(entry))
    let last = journal.lastUndoable!
    #expect(journal.undoableID(last) == "0123456789")
    let inverse = Change.together([
      SetSchedule(.lr, to: nil, over: 100), SetSchedule(.weightDecay, to: nil),
    ])
    #expect(journal.inverse(of: "0123456789") == inverse)
    var whole = journal
    for id in Journal.members(of: Journal.undoing("0123456789"), count: 2) {
      whole.append(entry(id, SetSchedule(.lr, to: nil)))
    }
    #expect(whole.lastUndoable == nil)
    // One that is left alone, as by a replay without the other, is taken back alone.
    let alone = Journal([entry(ids[1], sets[1])])
    #expect(alone.undoableID(last) == ids[1])
    #expect(alone.inverse(of: ids[1]) == .set(SetSchedule(.weightDecay, to: nil)))
    journal.append(entry(Journal.undoing(ids[0]), SetSchedule(.lr, to: nil)))
    #expect(journal.undoableID(last) == ids[1])
    #expect(journal.inverse(of: ids[1]) == .set(SetSchedule(.weightDecay, to: nil)))
  }
}

@Suite("One person may have control of a run")
struct ControlTests {
  private func entry(
    _ client: String, _ change: Change, at time: Double
  ) -> JournalEntry {
    JournalEntry(id: "\(time)", time: time, step: 1, client: client, change: change)
  }

  private let anna = "dino control (anna@lab)"

  @Test("control lasts an hour after the last change of who has it")
  func lasts() {
    var journal = Journal([entry(anna, .control(Control(.take)), at: 0)])
    let holder = journal.controller(at: 3599)
    #expect(holder?.person == "anna@lab" && holder?.until == 3600)
    #expect(journal.controller(at: 3600) == nil)
    journal.append(entry("dino set (anna@lab)", .pause, at: 1000))
    journal.append(entry("guard", .pause, at: 3000))
    #expect(journal.controller(at: 4000)?.until == 4600)
  }

  @Test("it may last otherwise, be taken over, and be released")
  func passes() {
    var journal = Journal([entry(anna, .control(Control(.take, minutes: 5)), at: 0)])
    #expect(journal.controller(at: 299) != nil && journal.controller(at: 300) == nil)
    // A client that came by a key is the name of the key.
    journal.append(entry("bob", .control(Control(.take, isForced: true)), at: 10))
    #expect(journal.controller(at: 20)?.person == "bob")
    journal.append(entry("bob", .control(Control(.release)), at: 30))
    #expect(journal.controller(at: 31) == nil)
  }

  @Test("the words of a command are the change, and its words")
  func words() throws {
    let change = Change.control(Control(.take, minutes: 30, isForced: true))
    #expect(try Change(line: "control take --minutes 30 --force") == change)
    #expect(change.line == "control take --minutes 30 --force")
    #expect(change.summary == "control take for 30 minutes by force")
    #expect(throws: ChangeRefusal.self) { try Change(line: "control release --minutes 5") }
    #expect(throws: ChangeRefusal.self) { try Change(line: "control grab") }
  }
}
