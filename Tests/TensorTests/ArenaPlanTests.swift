import Tensor
import Testing

@Suite("Plans of memory")
struct ArenaPlanTests {
  @Test("parts that are never needed together begin at one place, and the largest counts")
  func overlapping() {
    let plan = ArenaPlan(alignment: 16)
    _ = plan.buffer(16)
    let parts = plan.overlapping(3) { plan.buffer([32, 96, 16][$0]) }
    #expect(parts.map(\.offset) == [16, 16, 16])
    // What comes next lies behind the largest.
    #expect(plan.buffer(1).offset == 112)
    var (first, second): (Buffer?, Buffer?)
    plan.overlapping({ first = plan.buffer(16) }, { second = plan.buffer(48) })
    #expect(first?.offset == 128 && second?.offset == 128)
    #expect(plan.used == 176 && plan.bytes == 4 * 176)
  }

  @Test("a region holds all that was planned in it, gaps included")
  func region() {
    let plan = ArenaPlan(alignment: 16)
    _ = plan.buffer(3)
    var inner: [Buffer] = []
    let region = plan.region { inner = [plan.buffer(5), plan.buffer(20)] }
    #expect(region == Buffer(offset: 16, count: 48))
    #expect(inner.map(\.offset) == [16, 32])
  }

  @Test("what a scope planned is free after it, and the peak remembers it")
  func scope() {
    let plan = ArenaPlan(alignment: 16)
    plan.scope { _ = plan.buffer(160) }
    #expect(plan.used == 0 && plan.peak == 160)
    #expect(plan.buffer(16).offset == 0)
  }

  @Test("bytes by purpose add up to the plan's, the longest of parts that share a place counting")
  func ledger() {
    let plan = ArenaPlan(alignment: 16)
    plan.counted(as: "a") {
      _ = plan.buffer(20)
      plan.counted(as: "b") { _ = plan.buffer(16) }
      _ = plan.buffer(1)
    }
    plan.overlapping(
      { plan.counted(as: "a") { _ = plan.buffer(160) } },
      {
        plan.counted(as: "b") { _ = plan.buffer(100) }
        plan.counted(as: "c") { _ = plan.buffer(64) }
      }, { plan.counted(as: "d") { _ = plan.buffer(32) } })
    #expect(plan.bytesByPurpose == ["a": 4 * 48, "b": 4 * (16 + 112), "c": 4 * 64])
    #expect(plan.bytesByPurpose.values.reduce(0, +) == plan.bytes)
    // What was free again at the peak's time is not in it, what made the peak is.
    plan.scope { plan.counted(as: "e") { _ = plan.buffer(48) } }
    plan.counted(as: "f") { _ = plan.buffer(16) }
    #expect(plan.bytesByPurpose["e"] == 4 * 48 && plan.bytesByPurpose["f"] == nil)
    #expect(plan.bytesByPurpose.values.reduce(0, +) == plan.bytes)
  }
}
