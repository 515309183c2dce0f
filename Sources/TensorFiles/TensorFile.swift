import Store
import Support

/// A file of named tensors in any format. Must be used by one thread at a time.
package protocol TensorFile {
  /// The path that the file was opened by.
  var path: String { get }
  /// The file's tensors. Names are distinct.
  var stored: [StoredTensor] { get }
  /// What stands in the file in a form that is not read, such as `a sparse tensor`, by its name.
  var unreadable: [String: String] { get }
  /// The file's metadata.
  var metadata: [String: String] { get }
  /// Reads a tensor of any floating-point type as float32.
  func floats(_ name: String) throws(FileError) -> [Float]
}

/// The name and shape of a tensor in a file.
package struct StoredTensor: Sendable, Equatable {
  package let name: String
  package let shape: [Int]

  package init(name: String, shape: [Int]) { (self.name, self.shape) = (name, shape) }
}

extension SafetensorsFile: TensorFile {
  package var stored: [StoredTensor] {
    tensors.map { StoredTensor(name: $0.name, shape: $0.shape) }
  }

  package var unreadable: [String: String] { [:] }
}
