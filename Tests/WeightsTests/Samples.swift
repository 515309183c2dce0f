import Model
import TestSupport
import Store

/// Small backbones that differ in registers and in the kind of feed-forward layer.
enum Sample: String, CaseIterable {
  case plain, registers, gated, gatedRegisters, sixChannels

  var shape: BackboneShape {
    let isGated = self == .gated || self == .gatedRegisters
    let hasRegisters = self == .registers || self == .gatedRegisters
    return BackboneShape(
      embedDim: 24, depth: 2, numHeads: 3, patchSize: 4, channels: self == .sixChannels ? 6 : 3,
      grid: 3, hiddenWidth: isGated ? 64 : 96,
      isGated: isGated, registers: hasRegisters ? 2 : 0)
  }

  /// The tensors by name. No two elements have the same value.
  var tensors: [(name: String, shape: [Int], values: [Float])] {
    var next: Float = 0
    return shape.layout.parameters.map { parameter in
      let values = (0..<parameter.range.count).map { _ in
        next += 1
        return next / 64 - 100
      }
      return (String(parameter.name.dropFirst("backbone.".count)), parameter.shape, values)
    }
  }

  /// Writes the tensors in the official layout and returns the path.
  func write(
    to folder: TemporaryFolder, prefix: String = "", rename: (String) -> String = { $0 },
    metadata: [String: String] = ["num_heads": "3"]
  ) -> String {
    let path = folder.file("\(rawValue).safetensors")
    try! SafetensorsWriter.write(
      tensors.map { .floats(prefix + rename($0.name), $0.shape, $0.values) }, metadata: metadata,
      to: path)
    return path
  }
}

/// Reads a file's tensors by name, as bits.
func contents(_ path: String) throws -> [String: (shape: [Int], bits: [UInt32])] {
  let file = try SafetensorsFile(path: path)
  var contents: [String: (shape: [Int], bits: [UInt32])] = [:]
  for tensor in file.tensors {
    contents[tensor.name] = (tensor.shape, try file.floats(tensor.name).map(\.bitPattern))
  }
  return contents
}
