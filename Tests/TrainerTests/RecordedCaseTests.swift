import Foundation
import KernelsCPU
import Tensor
import Testing
import Trainer

@Suite("Steps recorded with the official method come out the same")
struct RecordedCaseTests {
  static let names = [
    "untied-mlp", "tied-swiglu-registers", "stochastic-depth-high-resolution",
  ]

  private static var folder: URL { Bundle.module.resourceURL!.appending(path: "Fixtures/goldens") }

  private func verify(_ folder: URL, threads: Int = 2) throws -> CaseReport {
    let pool = WorkerPool(threads: threads)
    defer { pool.stop() }
    return try RecordedCase(folder: folder.path).verify { CPUKernels(pool: pool) }
  }

  @Test(
    "losses and gradient norms to 1e-4, gradients to 1e-3, parameters after three steps to 2e-3",
    arguments: names)
  func agrees(name: String) throws {
    let report = try verify(Self.folder.appending(path: name))
    for family in CaseReport.Family.allCases {
      let worst = try #require(report.worst(family))
      #expect(worst.error <= family.tolerance, "\(family): \(worst.name)")
    }
    // Five losses a step; every tensor of student and teacher.
    #expect(report.lines.filter { $0.family == .losses }.count == 15)
    #expect(report.lines.filter { $0.family == .parameters }.count >= 2 * 40)
  }

  @Test("one number changed in the inputs shows", arguments: names)
  func differs(name: String) throws {
    let copy = FileManager.default.temporaryDirectory.appending(
      path: "case-\(name)-\(ProcessInfo.processInfo.processIdentifier)")
    try? FileManager.default.removeItem(at: copy)
    try FileManager.default.copyItem(at: Self.folder.appending(path: name), to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    let file = copy.appending(path: "inputs.safetensors")
    var bytes = try Data(contentsOf: file)
    let header = bytes.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    let text = String(decoding: bytes[8..<8 + header], as: UTF8.self)
    let entry = try #require(
      text.range(of: #""0.global_crops":\{[^}]*"data_offsets":\["#, options: .regularExpression))
    let offset = try #require(Int(text[entry.upperBound...].prefix { $0.isNumber }))
    // The first pixel of the first crop becomes 40.
    withUnsafeBytes(of: Float(40)) {
      bytes.replaceSubrange(8 + header + offset..<8 + header + offset + 4, with: $0)
    }
    try bytes.write(to: file)
    let report = try verify(copy)
    #expect(report.failures.contains { $0.family == .losses })
  }

  @Test("the number of threads changes no bit")
  func threads() throws {
    let folder = Self.folder.appending(path: names[2])
    let one = try verify(folder, threads: 1)
    let three = try verify(folder, threads: 3)
    #expect(one.lines.map(\.error) == three.lines.map(\.error))
  }

  private var names: [String] { Self.names }

  @Test("a case whose files do not fit together is refused in one line")
  func refused() throws {
    let copy = FileManager.default.temporaryDirectory.appending(
      path: "case-refused-\(ProcessInfo.processInfo.processIdentifier)")
    try? FileManager.default.removeItem(at: copy)
    try FileManager.default.copyItem(at: Self.folder.appending(path: names[0]), to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    let file = copy.appending(path: "case.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    for (old, new, part) in [
      ("\"embed_dim\": 32", "\"embed_dim\": 33", "embed_dim"),
      ("\"embed_dim\": 32", "\"embed_dim\": 64", "shape"),
      ("\"depth\": 2", "\"depth\": 3", "blocks.2"),
      ("\"batch\": 4", "\"batch\": -1", "batch"),
      ("\"batch\"", "\"bunch\"", "case.json"),
    ] {
      try text.replacingOccurrences(of: old, with: new).write(
        to: file, atomically: true, encoding: .utf8)
      do {
        _ = try verify(copy)
        Issue.record("\(new) was not refused")
      } catch {
        let line = "\(error)"
        #expect(line.contains(part) && !line.contains("\n"), "\(line)")
      }
    }
  }
}
