import Foundation
import Store

/// The files that `Tests/Reference/tensor_files.py` wrote with PyTorch 2.13.
enum Fixture {
  static func path(_ name: String) -> String {
    Bundle.module.resourceURL!.appendingPathComponent("Fixtures/" + name).path
  }

  /// The values that `torch.load` reads of `strides.pth` and `strides-legacy.pth`.
  static func strides() throws -> SafetensorsFile {
    try SafetensorsFile(path: path("strides.safetensors"))
  }

  /// The value that the script gives an element.
  static func number(_ element: Int) -> Float { Float((element * 37) % 251 - 125) / 8 }
}
