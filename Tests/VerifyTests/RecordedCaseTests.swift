import Foundation
import KernelsCPU
import Tensor
import Testing
import Verify

@Suite("Steps recorded with the official method come out the same")
struct RecordedCaseTests {
  static let names = [
    "untied-mlp", "tied-swiglu-registers", "stochastic-depth-high-resolution",
    "four-layer-swiglu-registers-antialiased", "tied-one-layer-no-clipping",
    "tied-two-layer-drop-path", "centering-first-crop-growing-drop-path",
    "distillation-untied", "distillation-tied", "four-ranks", "four-ranks-centering",
    "coding-rate-untied", "coding-rate-tied", "distillation-features-untied",
    "distillation-features-tied", "distillation-features-finer", "distillation-features-coarser",
  ]

  private func verify(
    _ folder: URL, threads: Int = 2, precision: Precision = .fp32
  ) throws -> CaseReport {
    let pool = WorkerPool(threads: threads)
    defer { pool.stop() }
    return try RecordedCase(folder: folder.path).verify {
      CPUKernels(pool: pool, precision: precision)
    }
  }

  @Test("in bfloat16 losses and gradient norms to 2e-2, gradients to 5e-2", arguments: names)
  func agreesInBFloat16(name: String) throws {
    let report = try verify(GoldenCase.folder(name), precision: .bf16)
    #expect(report.failures(CaseTolerances(rounded: true)).isEmpty)
    // Makes sure that it was not computed in fp32.
    #expect(report.worst(.losses)!.error > 1e-5)
  }

  @Test(
    "losses and gradient norms to 1e-4, gradients to 1e-3, parameters after the last step to 2e-3",
    arguments: names)
  func agrees(name: String) throws {
    let report = try verify(GoldenCase.folder(name))
    for family in CaseReport.Family.allCases {
      let worst = try #require(report.worst(family))
      #expect(worst.error <= family.tolerance, "\(family): \(worst.name)")
      // Rounding alone stays far below the tolerances, where even a small mistake would not.
      #expect(worst.error <= 1e-4, "\(family): \(worst.name)")
    }
    // Five losses for each step, six with a coding rate, and every tensor of student and teacher.
    let losses = report.lines.filter { $0.family == .losses }.count
    #expect(losses.isMultiple(of: name.hasPrefix("coding-rate") ? 6 : 5) && losses >= 10)
    #expect(report.lines.filter { $0.family == .parameters }.count >= 2 * 20)
    #expect(report.failures().isEmpty)
  }

  @Test("one number changed in the inputs shows, and where", arguments: names)
  func differs(name: String) throws {
    let golden = try GoldenCase(name)
    // The first pixel of the first crop becomes 40.
    let rank = name.hasPrefix("four-ranks") ? "rank2." : ""
    try golden.edit("inputs.safetensors", "0.\(rank)global_crops", at: 0, Float(40))
    let failures = try verify(golden.folder).failures()
    #expect(failures.contains { $0.family == .losses && $0.name.hasPrefix("step 0 ") })
    #expect(failures.contains { $0.family == .gradients && $0.name.contains("patch_embed") })
  }

  @Test("one number changed in the images that are not square shows there alone")
  func differsInRectangular() throws {
    let golden = try GoldenCase(Self.names[3])
    try golden.edit("inputs.safetensors", "features.rectangular", at: 0, Float(40))
    let failures = try verify(golden.folder).failures()
    #expect(!failures.isEmpty && failures.allSatisfy { $0.family == .rectangularFeatures })
  }

  @Test("the entry of a tensor that is furthest off is named")
  func place() throws {
    let golden = try GoldenCase(Self.names[1])
    // Entry [1, 2, 5] of an [8, 16, 32] tensor.
    try golden.edit(
      "expected.safetensors", "features.patches", at: (1 * 16 + 2) * 32 + 5, Float(900))
    let failures = try verify(golden.folder).failures()
    #expect(failures.map(\.name) == ["patches[1, 2, 5]"])
    #expect(failures.first?.expected == 900)
  }

  @Test(
    "a case read as another method's shows",
    arguments: [
      ("\"koleo_crops\": \"first\"", "\"koleo_crops\": \"both\"", "koleo_loss"),
      ("\"centering\": \"centering\"", "\"centering\": \"sinkhorn_knopp\"", "ibot_loss"),
    ])
  func anotherMethod(_ old: String, _ new: String, _ loss: String) throws {
    let golden = try GoldenCase(Self.names[6])
    try golden.replace(old, by: new, in: "case.json")
    #expect(try verify(golden.folder).failures().contains { $0.name == "step 0 \(loss)" })
  }

  @Test("twins in a batch, whose KoLeo is rounding noise, are told of")
  func twins() throws {
    let golden = try GoldenCase(Self.names[0])
    let sound = try verify(golden.folder)
    #expect(sound.nearest.count == 3 && sound.twins == nil)
    // In the second step, the first crops of two images are made equal and unmasked.
    try golden.edit(
      "inputs.safetensors", "1.global_crops", at: 0,
      [Float](repeating: 0.5, count: 2 * 3 * 32 * 32))
    try golden.edit(
      "inputs.safetensors", "1.masks", at: 0, [UInt8](repeating: 0, count: 2 * 16))
    let found = try #require(try verify(golden.folder).twins)
    #expect(found.step == 1 && found.distance < 1e-6)
  }

  @Test("the number of threads changes no bit", arguments: [Precision.fp32, .bf16])
  func threads(precision: Precision) throws {
    for name in Self.names {
      let folder = GoldenCase.folder(name)
      let one = try verify(folder, threads: 1, precision: precision)
      for threads in [2, 3] {
        let more = try verify(folder, threads: threads, precision: precision)
        #expect(one.lines.map(\.found) == more.lines.map(\.found), "\(name)")
        #expect(one.lines.map(\.error) == more.lines.map(\.error), "\(name)")
      }
    }
  }
}
