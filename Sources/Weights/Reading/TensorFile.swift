import Store
import Support

/// A file of named tensors in any format. Must be used by one thread at a time.
protocol TensorFile {
  var path: String { get }
  /// The file's tensors. Names are distinct.
  var stored: [StoredTensor] { get }
  /// The file's metadata.
  var metadata: [String: String] { get }
  /// Reads a tensor of any floating-point type as float32.
  func floats(_ name: String) throws(FileError) -> [Float]
}

/// The name and shape of a tensor in a file.
struct StoredTensor: Sendable, Equatable {
  let name: String
  let shape: [Int]
}

extension SafetensorsFile: TensorFile {
  var stored: [StoredTensor] { tensors.map { StoredTensor(name: $0.name, shape: $0.shape) } }
}
