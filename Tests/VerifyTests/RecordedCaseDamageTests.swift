import Foundation
import KernelsCPU
import Tensor
import TestSupport
import Testing
import Verify

/// A mistake in a case, and the error that it should cause.
struct CaseDamage: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var says: [String]
  var name = "untied-mlp"
  var damage: @Sendable (GoldenCase) throws -> Void

  /// A mistake that replaces a text in case.json.
  static func json(_ old: String, _ new: String, _ says: String) -> CaseDamage {
    CaseDamage(testDescription: new, says: ["case.json: ", says]) {
      try $0.replace(old, by: new, in: "case.json")
    }
  }
}

private let inputs = "inputs.safetensors"
private let expected = "expected.json"
private let deep = "stochastic-depth-high-resolution"

let caseDamages: [CaseDamage] = [
  // Sizes.
  .json("\"embed_dim\": 32", "\"embed_dim\": 33", "embed_dim 33 is not a multiple of num_heads 2"),
  .json(
    "\"embed_dim\": 32", "\"embed_dim\": 1e18",
    "embed_dim must be a whole number from 1 to 65536"),
  .json("\"embed_dim\": 32", "\"embed_dim\": \"32\"", "embed_dim must be a whole number"),
  .json("\"embed_dim\": 32,", "", "embed_dim is missing"),
  .json("\"batch\": 4", "\"batch\": -1", "batch must be a whole number from 1 to 65536"),
  .json("\"batch\": 4", "\"batch\": 4.5", "batch must be a whole number"),
  .json(
    "\"local_size\": 16", "\"local_size\": 17", "local_size 17 is not a multiple of patch_size 8"),
  .json("\"img_size\": 32", "\"img_size\": 36", "img_size 36 is not a multiple of patch_size 8"),
  .json(
    "\"prototypes\": 64", "\"prototypes\": 99999999999",
    "dino_head.prototypes must be a whole number from 2 to 16777216"),
  .json("\"momentum\": 0.993", "\"momentum\": 1.5", "steps[1].momentum must be a number from 0.0"),
  .json("\"drop_path\": 0.0", "\"drop_path\": 2", "drop_path must be a number from 0.0 to 1.0"),
  // Keys.
  .json("\"batch\"", "\"bunch\"", "batch is missing"),
  .json("\"seed\"", "\"sede\"", "sede is not a key of a case"),
  .json("\"hidden_dim\": 32", "\"hidden_dim\": 32, \"hiden\": 1", "dino_head.hiden is not a key"),
  .json("\"lr\": 0.0005", "\"lr\": 0.0005, \"lrr\": 1", "steps[0].lrr is not a key of a case"),
  .json(
    "\"seed\": 3", "\"ffn_layer\": \"identity\"",
    "ffn_layer must be one of mlp, swiglu, swiglufused"
  ),
  CaseDamage(testDescription: "no steps", says: ["case.json: steps must be a list of objects"]) {
    let text = try String(contentsOf: $0.folder.appending(path: "case.json"), encoding: .utf8)
    let start = text.range(of: "\"steps\":")!.upperBound
    try $0.write(Data((text[..<start] + "[]}").utf8), to: "case.json")
  },
  // Files.
  CaseDamage(testDescription: "no case.json", says: ["case.json: cannot be opened: No such file"]) {
    try $0.remove("case.json")
  },
  CaseDamage(testDescription: "an empty case.json", says: ["case.json: not JSON"]) {
    try $0.write(Data(), to: "case.json")
  },
  CaseDamage(testDescription: "a large case.json", says: ["case.json: is larger than 16 MiB"]) {
    try $0.write(Data(repeating: 32, count: 1 << 25), to: "case.json")
  },
  CaseDamage(testDescription: "a list as case.json", says: ["case.json: it must be an object"]) {
    try $0.write(Data("[1]".utf8), to: "case.json")
  },
  CaseDamage(testDescription: "deep JSON", says: ["case.json: not JSON"]) {
    try $0.write(Data(repeating: 91, count: 1 << 20), to: "case.json")
  },
  CaseDamage(testDescription: "no inputs", says: [inputs, "No such file"]) {
    try $0.remove(inputs)
  },
  CaseDamage(testDescription: "cut inputs", says: [inputs, "damaged"]) {
    let bytes = try Data(contentsOf: $0.folder.appending(path: inputs))
    try $0.write(bytes.prefix(bytes.count / 2), to: inputs)
  },
  // Values that do not agree with each other.
  CaseDamage(testDescription: "a wider model", says: ["init.safetensors: ", "has shape"]) {
    try $0.replace("\"embed_dim\": 32", by: "\"embed_dim\": 64", in: "case.json")
  },
  CaseDamage(testDescription: "huge heads", says: ["init.safetensors: ", "needs [16777216, 1]"]) {
    try $0.replace("\"prototypes\": 64", by: "\"prototypes\": 16777216", in: "case.json")
  },
  CaseDamage(testDescription: "a deeper model", says: ["init.safetensors: ", "blocks.2"]) {
    try $0.replace("\"depth\": 2", by: "\"depth\": 3", in: "case.json")
  },
  CaseDamage(
    testDescription: "a shallower model", says: ["init.safetensors: ", "blocks.1", "does not need"]
  ) {
    try $0.replace("\"depth\": 2", by: "\"depth\": 1", in: "case.json")
  },
  CaseDamage(testDescription: "tied heads", says: ["expected.json: ", "ibot_head is not a key"]) {
    try $0.replace("\"separate_head\": true", by: "\"separate_head\": false", in: "case.json")
  },
  CaseDamage(testDescription: "more images", says: ["global_crops has shape [8, 3, 32, 32]"]) {
    try $0.replace("\"batch\": 4", by: "\"batch\": 5", in: "case.json")
  },
  CaseDamage(testDescription: "fewer steps", says: ["expected.json: has 3 steps, case.json has 2"])
  {
    let text = try String(contentsOf: $0.folder.appending(path: "case.json"), encoding: .utf8)
    let start = text.range(of: "\"steps\": [")!.upperBound
    let end = text.range(of: "},", range: start..<text.endIndex)!.upperBound
    try $0.write(Data((text[..<start] + text[end...]).utf8), to: "case.json")
  },
  CaseDamage(testDescription: "renamed masks", says: [inputs, "has no tensor \"0.masks\""]) {
    try $0.replace("\"0.masks\"", by: "\"0.maskz\"", in: inputs)
  },
  CaseDamage(
    testDescription: "masks that are none", says: [inputs, "0.masks holds 7, not 0 or 1"]
  ) { try $0.edit(inputs, "0.masks", at: 3, UInt8(7)) },
  CaseDamage(testDescription: "a crop of no number", says: [inputs, "1.local_crops", "not finite"])
  {
    try $0.edit(inputs, "1.local_crops", at: 9, Float.nan)
  },
  CaseDamage(
    testDescription: "a weight without bound", says: ["init.safetensors", "not finite, its 1th"]
  ) { try $0.edit("init.safetensors", "student.backbone.norm.weight", at: 0, Float.infinity) },
  CaseDamage(
    testDescription: "a row that is not there", says: ["0.keep.1.ffn.local names row 99 of 12"],
    name: deep
  ) { try $0.edit(inputs, "0.keep.1.ffn.local", at: 0, Int32(99)) },
  CaseDamage(
    testDescription: "a row kept twice", says: ["0.keep.0.attn.global names a row twice"],
    name: deep
  ) {
    try $0.edit(inputs, "0.keep.0.attn.global", at: 0, Int32(1))
    try $0.edit(inputs, "0.keep.0.attn.global", at: 1, Int32(1))
  },
  CaseDamage(
    testDescription: "kept rows without stochastic depth",
    says: [inputs, "0.keep.0.attn.global is a tensor that case.json does not need"], name: deep
  ) { try $0.replace("\"drop_path\": 0.4", by: "\"drop_path\": 0.0", in: "case.json") },
  CaseDamage(
    testDescription: "stochastic depth without kept rows", says: [inputs, "0.keep.0.attn.global"]
  ) { try $0.replace("\"drop_path\": 0.0", by: "\"drop_path\": 0.5", in: "case.json") },
  CaseDamage(testDescription: "no norm", says: [expected, "step 1.grad_norm.backbone is missing"]) {
    let text = try String(contentsOf: $0.folder.appending(path: expected), encoding: .utf8)
    var parts = text.components(separatedBy: "\"backbone\"")
    parts[1] += "\"spine\"" + parts.remove(at: 2)
    try $0.write(Data(parts.joined(separator: "\"backbone\"").utf8), to: expected)
  },
  CaseDamage(testDescription: "a loss of NaN", says: [expected, "not JSON"]) {
    try $0.replace("\"total\": ", by: "\"total\": NaN, \"x\": ", in: expected)
  },
]

@Suite("A case that is damaged, or whose files do not fit together")
struct RecordedCaseDamageTests {
  @Test("is refused in one line that says what is wrong", arguments: caseDamages)
  func refused(_ damage: CaseDamage) throws {
    let golden = try GoldenCase(damage.name)
    try damage.damage(golden)
    do {
      let recorded = try RecordedCase(folder: golden.folder.path)
      _ = try recorded.verify { CPUKernels(pool: WorkerPool(threads: 1)) }
      Issue.record("it was not refused")
    } catch {
      let line = "\(error)"
      #expect(!line.contains("\n"))
      for part in damage.says { #expect(line.contains(part), "\(line)") }
    }
  }

  @Test(
    "a tolerance is a number for all families, or for one of them",
    arguments: [("1e-9", 31), ("losses=1e-9", 10), ("gradients=0", 20), ("features=0", 1)])
  func tolerances(_ text: String, _ atLeast: Int) throws {
    let pool = WorkerPool(threads: 1)
    defer { pool.stop() }
    let report = try RecordedCase(folder: GoldenCase.folder("untied-mlp").path)
      .verify { CPUKernels(pool: pool) }
    var tolerances = CaseTolerances()
    #expect(tolerances.set(text) == nil)
    let failures = report.failures(tolerances)
    #expect(failures.count >= atLeast)
    guard let family = text.firstIndex(of: "=").map({ String(text[..<$0]) }) else { return }
    #expect(failures.allSatisfy { $0.family.rawValue == family })
  }

  @Test(
    "a tolerance that is none is refused",
    arguments: ["", "x", "-1", "nan", "loss=1", "=1", "losses="])
  func badTolerances(_ text: String) {
    var tolerances = CaseTolerances()
    #expect(tolerances.set(text) != nil)
  }
}
