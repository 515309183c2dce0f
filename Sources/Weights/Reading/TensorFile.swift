import Store
import Support

/// A file of named tensors, whatever its format. One thread uses it.
protocol TensorFile {
  var path: String { get }
  /// Its tensors of numbers; none twice.
  var stored: [StoredTensor] { get }
  /// Free text that goes with them.
  var metadata: [String: String] { get }
  /// A tensor's values, converted from any floating-point type.
  func floats(_ name: String) throws(FileError) -> [Float]
}

/// A tensor's name and form.
struct StoredTensor: Sendable, Equatable {
  let name: String
  let shape: [Int]
}

extension SafetensorsFile: TensorFile {
  var stored: [StoredTensor] { tensors.map { StoredTensor(name: $0.name, shape: $0.shape) } }
}
