import Recipe
import Run
import TensorBoard
import TestSupport
import Testing

@Suite struct CourseTests {
  private func sample(_ step: Int) -> Sample {
    Sample(step: step, time: 1000 + Double(step), values: [.totalLoss: 5, .lr: 1e-3])
  }

  /// The steps from which entries say that a run goes on.
  private func starts(_ events: [BoardEvent]) -> [Int] {
    events.compactMap { if case .goesOn = $0.content { $0.step } else { nil } }
  }

  @Test("a run begins at step 0, and one that resumes after the step of its checkpoint")
  func begins() {
    #expect(starts(BoardCourse(after: 0).begin(Recipe(), run: "moths", time: 1)) == [0])
    #expect(starts(BoardCourse(after: 40).begin(Recipe(), run: "moths", time: 1)) == [41])
  }

  @Test("the hyperparameters are those of the recipe, without how the run is stored")
  func parameters() throws {
    let entries = BoardCourse(after: 0).begin(Recipe(), run: "moths", time: 1)
    let begun = try #require(entries.last)
    guard case .begun = begun.content else {
      Issue.record("no hyperparameters")
      return
    }
    let text = String(decoding: begun.record, as: UTF8.self)
    for word in ["optim.base_lr", "student.arch", "vit_large", "moths"] {
      #expect(text.contains(word), "\(word)")
    }
    #expect(!text.contains("session."))
    #expect(BoardCourse(after: 0).begin(nil, run: "moths", time: 1).count == 1)
  }

  @Test("each metric of a step has its group before its name")
  func tags() throws {
    var course = BoardCourse(after: 0)
    let events = course.take(sample(1))
    #expect(events.count == 1)
    guard case .scalars(let values) = events[0].content else {
      Issue.record("no scalars")
      return
    }
    #expect(values.map(\.tag) == ["loss/total_loss", "schedule/lr"])
    #expect(values.map(\.value) == [5, 1e-3])
    #expect(events[0].step == 1 && events[0].time == 1001)
  }

  @Test("going back is said once, by the change or by the first step")
  func goesBack() {
    var course = BoardCourse(after: 0)
    for step in 1...5 { #expect(starts(course.take(sample(step))) == []) }
    #expect(starts(course.take(sample(3))) == [3])
    #expect(starts(course.take(sample(4))) == [])
    let back = JournalEntry(
      id: "b", time: 1, step: 2, client: "a", change: .back, effect: .undoes("a"))
    #expect(starts(course.take(back)) == [2])
    #expect(starts(course.take(sample(2))) == [])
    let pause = JournalEntry(id: "c", time: 1, step: 2, client: "a", change: .pause)
    #expect(course.take(pause).isEmpty)
  }

  @Test("probes of further students have tags of their own, and events one for each level")
  func otherTags() {
    let course = BoardCourse(after: 0)
    func tags(_ events: [BoardEvent]) -> [String] {
      events.flatMap { event -> [String] in
        switch event.content {
        case .scalars(let values): return values.map(\.tag)
        case .text(let tag, let line): return [tag, line]
        default: return []
        }
      }
    }
    for (name, tag) in [
      ("knn", "evaluation/knn_learned"), ("knn b", "evaluation/knn_learned/knn b"),
    ] {
      let result = ProbeResult(
        step: 2, time: 1, name: name, values: [.knnLearned: 0.5], images: 1, classes: 1)
      #expect(tags(course.take(result)) == [tag])
    }
    let event = RunEvent(time: 1, step: 2, level: .warning, kind: "image", text: "broken")
    #expect(tags(course.take(event)) == ["events/warning", "image: broken"])
  }

  @Test("a run that has ended says how")
  func ends() {
    let course = BoardCourse(after: 0)
    func isWell(_ state: RunState) -> Bool? {
      let status = SampleRun.status(5, of: 10, state: state)
      guard case .ended(let isWell) = course.take(status, time: 1).first?.content else {
        return nil
      }
      return isWell
    }
    #expect(isWell(.running) == nil)
    #expect(isWell(.finished) == true && isWell(.stopped) == true)
    #expect(isWell(.failed) == false)
  }
}
