import Run
import Screen
import TestSupport

extension SampleRun {
  static func view(
    _ record: RunRecord = record(), _ change: (inout RunViewState) -> Void = { _ in }
  ) -> RunView {
    var state = RunViewState()
    state.link = .live
    change(&state)
    return RunView(record: record, state: state, now: 3000)
  }
}
