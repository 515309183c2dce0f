import Crops
import Images
import Recipe
import Support
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Images whose files can be taken away and put back.
private final class FlakySource: GeneratedSource {
  private let state = Mutex((isAway: false, reads: 0))
  private let problem: ImageError.Problem

  init(_ problem: ImageError.Problem = .missing) { self.problem = problem }

  var name: String { "flaky" }
  var count: Int { 12 }
  var classes: [String] { [] }
  func key(_ index: Int) -> String { "\(index)" }
  func label(_ index: Int) -> Int? { nil }

  var isAway: Bool {
    get { state.withLock { $0.isAway } }
    set { state.withLock { $0.isAway = newValue } }
  }
  var reads: Int { state.withLock { $0.reads } }

  func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    let isAway = state.withLock { state in
      state.reads += 1
      return state.isAway
    }
    if isAway { throw ImageError("\(index).png", problem) }
    if index == 3 { throw ImageError("3.png", .damaged("cut short")) }
    return RGBImage(
      width: 30, height: 30, pixels: Array(repeating: UInt8(index * 20), count: 30 * 30 * 3))
  }
}

@Suite("outages of the data")
struct DataOutageTests {

  private func loader(_ source: FlakySource) -> BatchLoader {
    BatchLoader(recipe: Recipe.plain(images: 4), source: source) { _ in }
  }

  @Test("what passes within seconds is not noticed, and changes nothing")
  func short() throws {
    let (steady, flaky) = (FlakySource(), FlakySource())
    let (expected, loader) = (loader(steady), loader(flaky))
    flaky.isAway = true
    for each in [expected, loader] { each.start(batch: 1) }
    defer { for each in [expected, loader] { each.stop() } }
    usleep(250_000)
    flaky.isAway = false
    for _ in 0..<9 {
      let (a, b) = (try expected.next(), try loader.next())
      #expect(a.globalCrops == b.globalCrops)
    }
  }

  @Test(
    "what lasts is an outage, and a loader that is started again goes on with the same images",
    arguments: [
      (ImageError.Problem.missing, "no such file"),
      (.unreadable("Input/output error"), "cannot be read: Input/output error"),
    ])
  func long(problem: ImageError.Problem, reason: String) throws {
    let (steady, flaky) = (FlakySource(), FlakySource(problem))
    let (expected, loader) = (loader(steady), loader(flaky))
    flaky.isAway = true
    for each in [expected, loader] { each.start(batch: 1) }
    defer { for each in [expected, loader] { each.stop() } }
    let outage = try #require(throws: DataOutage.self) { _ = try loader.next() }
    #expect(outage.reason.contains(reason))
    #expect(!loader.isOver(outage))
    flaky.isAway = false
    #expect(loader.isOver(outage))
    loader.start(batch: 1)
    for _ in 0..<9 {
      let (a, b) = (try expected.next(), try loader.next())
      #expect(a.globalCrops == b.globalCrops)
    }
  }

  @Test("thousands of missing files take no longer than one")
  func patience() {
    let patience = OutagePatience(seconds: 0.3)
    let began = Clock.monotonic()
    for _ in 0..<1000 {
      #expect(throws: ImageError.self) {
        try patience.reading { throw ImageError("x", .missing) }
      }
    }
    #expect(Clock.monotonic() - began < 2)
    // Damage is not tried again.
    var tries = 0
    #expect(throws: ImageError.self) {
      try patience.reading {
        tries += 1
        throw ImageError("x", .damaged("cut short"))
      }
    }
    #expect(tries == 1)
  }
}
