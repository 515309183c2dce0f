import Model
import Store

/// The tensors of a recorded case. Names and shapes are checked before memory is allocated, and a
/// tensor that the case does not use is an error.
struct CaseTensors {
  private let description: CaseDescription
  let layout: ParameterLayout
  /// The layout of the teacher: the student's, unless the teacher is frozen.
  private let teacherLayout: ParameterLayout
  private let start: SafetensorsFile
  private let inputs: SafetensorsFile
  private let results: SafetensorsFile

  /// Opens the three files of a folder and checks every name and shape in their headers.
  init(folder: String, _ description: CaseDescription, _ layout: ParameterLayout) throws {
    self.description = description
    self.layout = layout
    teacherLayout = description.teacher?.layout ?? layout
    start = try SafetensorsFile(path: folder + "/init.safetensors")
    inputs = try SafetensorsFile(path: folder + "/inputs.safetensors")
    results = try SafetensorsFile(path: folder + "/expected.safetensors")
    try check(start, network("student.", layout) + network("teacher.", teacherLayout))
    try check(inputs, batches + [("features.rectangular", nil)], ignoring: ".keep.")
    try checkKeptSequences()
    let group = try rectangular()
    try check(
      results,
      ["grad.student.", "final.student.", description.average.prefix]
        .flatMap { network($0, layout) }
        + features("features", description.counts.global, patches)
        + features("features.rectangular", group.count, group.patchesEach))
  }

  /// The number of patches of a global crop.
  private var patches: Int {
    let grid = description.globalSize / description.backbone.patchSize
    return grid * grid
  }

  /// A tensor's name, and its shape if case.json determines it.
  private typealias ExpectedTensor = (name: String, shape: [Int]?)

  private func network(_ prefix: String, _ layout: ParameterLayout) -> [ExpectedTensor] {
    layout.parameters.map { (prefix + $0.name, $0.shape) }
  }

  private func features(_ name: String, _ images: Int, _ patches: Int) -> [ExpectedTensor] {
    let width = description.backbone.embedDim
    return [(name + ".cls", [images, width]), (name + ".patches", [images, patches, width])]
  }

  /// The beginnings of the names of all inputs, of each step and rank.
  private var inputNames: [String] {
    description.steps.indices.flatMap { step in
      (0..<description.world).map { description.inputs(step, rank: $0) }
    }
  }

  private var batches: [ExpectedTensor] {
    let d = description
    return inputNames.flatMap { name -> [ExpectedTensor] in
      [
        (name + "global_crops", [d.counts.global, 3, d.globalSize, d.globalSize]),
        (name + "local_crops", [d.counts.local, 3, d.localSize, d.localSize]),
      ] + (d.teacher == nil ? [(name + "masks", [d.counts.global, patches])] : [])
    }
  }

  private func check(
    _ file: SafetensorsFile, _ wanted: [ExpectedTensor], ignoring part: String? = nil
  ) throws {
    var names: Set<String> = []
    for (name, shape) in wanted {
      let found = try tensor(file, name)
      names.insert(found.name)
      guard shape == nil || found.shape == shape else {
        throw CaseError(
          path: file.path, problem: "\(name) has shape \(found.shape), case.json needs \(shape!)"
        )
      }
    }
    let left = file.tensors.map(\.name).first { name in
      !names.contains(name) && part.map { !name.contains($0) } ?? true
    }
    if let left {
      throw CaseError(path: file.path, problem: "\(left) is a tensor that case.json does not need")
    }
  }

  /// Returns a tensor by its name. In the official code a head with one layer is not a sequence,
  /// in the reference it is one, so that its names have an additional `0.`.
  private func tensor(_ file: SafetensorsFile, _ name: String) throws -> TensorInfo {
    for end in ["weight", "bias"] where name.hasSuffix("_head.mlp.\(end)") {
      if let found = file[name.dropLast(end.count) + "0.\(end)"] { return found }
    }
    return try file.tensor(name)
  }

  private func checkKeptSequences() throws {
    var names = Set(inputs.tensors.map(\.name).filter { $0.contains(".keep.") })
    if description.dropPath > 0 {
      for inputNames in inputNames {
        for (name, _) in keptNames(inputNames).joined().joined() {
          _ = try inputs.tensor(name)
          names.remove(name)
        }
      }
    }
    guard let left = names.min() else { return }
    throw CaseError(
      path: inputs.path, problem: "\(left) is a tensor that case.json does not need")
  }

  /// Returns the names of the kept rows and the number of sequences, by block, branch and crop
  /// group.
  private func keptNames(_ inputs: String) -> [[[(name: String, count: Int)]]] {
    let counts = description.counts
    return (0..<description.backbone.depth).map { block in
      ["attn", "ffn"].map { branch in
        [("global", counts.global), ("local", counts.local)].map {
          ("\(inputs)keep.\(block).\(branch).\($0)", $1)
        }
      }
    }
  }

  // MARK: Values

  enum Network: String { case student = "student.", teacher = "teacher." }

  /// Returns the parameters before the first step, in the layout's order.
  func parameters(_ network: Network) throws -> [Float] {
    let layout = network == .teacher ? teacherLayout : layout
    var values = [Float](repeating: 0, count: layout.count)
    for parameter in layout.parameters {
      values.replaceSubrange(
        parameter.range, with: try floats(start, network.rawValue + parameter.name))
    }
    return values
  }

  /// Returns a tensor of the results that PyTorch computed.
  func result(_ name: String) throws -> (shape: [Int], values: [Float]) {
    (try tensor(results, name).shape, try floats(results, name))
  }

  /// Returns the images of a tensor: the crops of a step, or the images that are not square.
  func images(_ name: String) throws -> [Float] { try floats(inputs, name) }

  /// Returns the number of the images that are not square, and their grid of patches.
  func rectangular() throws -> CropGroup {
    let patch = description.backbone.patchSize
    let shape = try inputs.tensor("features.rectangular").shape
    guard shape.count == 4, shape[1] == 3, shape[0] > 0,
      shape[2...].allSatisfy({ $0 > 0 && $0 <= 4096 && $0 % patch == 0 })
    else {
      throw CaseError(
        path: inputs.path,
        problem: "features.rectangular has shape \(shape), not images of whole patches of \(patch)")
    }
    return CropGroup(count: shape[0], rows: shape[2] / patch, columns: shape[3] / patch)
  }

  /// Returns the masks among the inputs whose names begin so; `nil` in a distillation, which has none.
  func masks(_ names: String) throws -> [Int32]? {
    guard description.teacher == nil else { return nil }
    let masks = try inputs.uint8s(names + "masks")
    guard let wrong = masks.firstIndex(where: { $0 > 1 }) else { return masks.map(Int32.init) }
    throw CaseError(
      path: inputs.path, problem: "\(names)masks holds \(masks[wrong]), not 0 or 1")
  }

  /// Returns the sequences that stochastic depth keeps, from the inputs whose names begin so; `nil` without stochastic depth.
  func keep(_ names: String) throws -> [KeptSequences]? {
    guard description.dropPath > 0 else { return nil }
    return try keptNames(names).map { branches in
      let kept = try branches.map { try $0.map { try rows($0.name, of: $0.count) } }
      let groups = description.counts.local > 0 ? 2 : 1
      return KeptSequences(
        attention: Array(kept[0][..<groups]), feedForward: Array(kept[1][..<groups]))
    }
  }

  private func rows(_ name: String, of count: Int) throws -> [Int] {
    let rows = try inputs.int32s(name).map(Int.init)
    if let wrong = rows.first(where: { !(0..<count).contains($0) }) {
      throw CaseError(
        path: inputs.path, problem: "\(name) names row \(wrong) of \(count)")
    }
    guard Set(rows).count == rows.count, !rows.isEmpty || count == 0 else {
      throw CaseError(
        path: inputs.path, problem: "\(name) \(rows.isEmpty ? "names no row" : "names a row twice")"
      )
    }
    return rows
  }

  private func floats(_ file: SafetensorsFile, _ name: String) throws -> [Float] {
    let values = try file.floats(tensor(file, name).name)
    guard let wrong = values.firstIndex(where: { !$0.isFinite }) else { return values }
    throw CaseError(
      path: file.path, problem: "\(name) holds a number that is not finite, its \(wrong + 1)th")
  }
}
