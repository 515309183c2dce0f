import Curation
import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Shows the progress of a curation: a line for each stage that is done, and one that changes for the
/// one that is not.
final class CurationProgress: CurationObserver {
  private var line: ProgressLine?
  private var began = Clock.monotonic()
  private var stage: StageName?

  func began(_ stage: StageName, what: String, total: Int) {
    line?.end()
    if stage != self.stage { began = Clock.monotonic() }
    self.stage = stage
    line = ProgressLine("\(what) (\(stage.rawValue))", total: total)
  }

  func advanced(to done: Int) { line?.update(done) }

  func ended(_ stage: StageName, _ text: String) {
    end()
    let seconds = self.stage == stage ? Clock.monotonic() - began : 0
    self.stage = nil
    let name = stage.rawValue + String(repeating: " ", count: max(0, 14 - stage.rawValue.count))
    print("\(name)\(text) (\(Format.decimals(seconds, 1)) s)")
  }

  func noticed(_ text: String) {
    line?.end()
    tell(text)
  }

  func end() {
    line?.end()
    line = nil
  }
}
