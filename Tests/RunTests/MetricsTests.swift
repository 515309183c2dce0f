import Run
import Testing

@Suite struct MetricTests {
  @Test("every adjustable schedule has limits, and nothing else has")
  func limits() {
    for metric in Metric.allCases {
      #expect((metric.limits != nil) == Metric.adjustable.contains(metric), "\(metric)")
    }
  }

  @Test(
    "a value out of a schedule's limits is refused with the limits",
    arguments: [
      (Metric.lr, 4.0), (.lr, -1e-9), (.teacherTemp, 0), (.maskRatioMax, 1.01),
      (.clipGrad, .infinity), (.momentumTeacher, .nan),
    ])
  func refusedValue(metric: Metric, value: Double) throws {
    let reason = try #require(metric.refusal(of: value))
    #expect(reason.hasPrefix("\(metric.rawValue) must be from"))
  }

  @Test("a value at a limit, and the way back to the recipe, are allowed")
  func allowedValue() {
    #expect(Metric.lr.refusal(of: 0) == nil)
    #expect(Metric.clipGrad.refusal(of: 1000) == nil)
    #expect(Metric.weightDecay.refusal(of: nil) == nil)
    #expect(Metric.totalLoss.refusal(of: 1)?.contains("these can be: lr") == true)
  }
}
