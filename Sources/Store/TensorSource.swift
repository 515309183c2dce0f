import Tensor

/// A tensor to be written, with a closure that supplies its values.
///
/// Values are requested in pieces while the file is written, so that a tensor in a backend's memory
/// needs no full copy:
///
///     .floats("norm.weight", [384]) { kernels.download(buffer[$0], to: $1) }
package struct TensorSource {
  /// The tensor's name, its element type and its extents, slowest-varying first.
  package let name: String
  package let type: ElementType
  package let shape: [Int]
  /// Copies a range of elements, stored as `type`, into memory of exactly their size.
  let read: (Range<Int>, UnsafeMutableRawBufferPointer) -> Void

  /// Returns the same tensor under another name.
  package func named(_ name: String) -> TensorSource {
    TensorSource(name: name, type: type, shape: shape, read: read)
  }

  /// Creates a float32 tensor whose values `read` supplies for one range of elements at a time.
  package static func floats(
    _ name: String, _ shape: [Int],
    read: @escaping (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> TensorSource {
    TensorSource(name: name, type: .float32, shape: shape) {
      read($0, $1.bindMemory(to: Float.self))
    }
  }

  /// Creates a float32 tensor from memory that must remain unchanged until the file is written.
  package static func floats(
    _ name: String, _ shape: [Int], _ values: UnsafeBufferPointer<Float>
  ) -> TensorSource {
    memory(name, .float32, shape, values)
  }

  /// Creates a float32 tensor from an array.
  package static func floats(_ name: String, _ shape: [Int], _ values: [Float]) -> TensorSource {
    array(name, .float32, shape, values)
  }

  /// Creates an int32 tensor from an array.
  package static func int32s(_ name: String, _ shape: [Int], _ values: [Int32]) -> TensorSource {
    array(name, .int32, shape, values)
  }

  /// Creates an int64 tensor from an array.
  package static func int64s(_ name: String, _ shape: [Int], _ values: [Int64]) -> TensorSource {
    array(name, .int64, shape, values)
  }

  /// Creates a uint8 tensor from an array.
  package static func uint8s(_ name: String, _ shape: [Int], _ values: [UInt8]) -> TensorSource {
    array(name, .uint8, shape, values)
  }

  private static func memory<Element>(
    _ name: String, _ type: ElementType, _ shape: [Int], _ values: UnsafeBufferPointer<Element>
  ) -> TensorSource {
    precondition(values.count == shape.reduce(1, *), "\(name): values and shape disagree")
    return TensorSource(name: name, type: type, shape: shape) {
      $1.copyMemory(from: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: values[$0])))
    }
  }

  private static func array<Element>(
    _ name: String, _ type: ElementType, _ shape: [Int], _ values: [Element]
  ) -> TensorSource {
    precondition(values.count == shape.reduce(1, *), "\(name): values and shape disagree")
    return TensorSource(name: name, type: type, shape: shape) { range, target in
      values[range].withUnsafeBytes { target.copyMemory(from: $0) }
    }
  }
}
