#if canImport(Glibc)
  import Glibc
#endif
import Store
import Support

/// The file of an ONNX graph: version 8 of the format, operators of opset 17, which all runtimes of the last
/// years read.
/// Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
package struct ONNXFile {
  let graph: ONNXGraph
  /// What describes the model, by names.
  let metadata: [String: String]

  static let name = "model.onnx"
  /// The values of tensors that do not fit into a file of Protocol Buffers are beside it.
  static let dataName = "model.onnx.data"
  private static let (version, opset) = (8, 17)
  /// A message of Protocol Buffers has less than 2 GiB.
  package static let mostBytes = 2_000_000_000
  /// Tensors in a file of their own begin at multiples of this, so that they can be mapped.
  private static let alignment = 4096
  /// Smaller tensors stay with the graph, since runtimes look at shapes and indices when they read it.
  private static let least = 1024

  /// The file of a backbone for square images.
  ///
  /// - Parameter size: the side of the images in pixels; nil for the crop of the weights' preprocessing. Throws
  ///   if patches do not fill it.
  init(_ weights: BackboneWeights, size: Int?) throws(FileError) {
    let (patch, view) = (weights.shape.patchSize, weights.preprocessing)
    let side = Self.side(weights, size: size)
    guard side > 0, side % patch == 0 else {
      throw FileError(
        file: weights.source.path,
        what: "has patches of \(patch) pixels, which do not fill images of \(side)",
        remedy: "give --size, a multiple of \(patch)")
    }
    graph = ONNXGraph(weights, grid: side / patch)
    metadata = SourceFacts.metadata(weights.shape, view, preprocessor: nil)
      .merging(["image_size": "\(side)"]) { $1 }
  }

  /// The side of the images in pixels: `size`, or the crop of the weights' preprocessing.
  static func side(_ weights: BackboneWeights, size: Int?) -> Int {
    size ?? min(weights.preprocessing.crop.height, weights.preprocessing.crop.width)
  }

  /// - Parameter most: the most bytes of values that the graph's file may hold.
  func write(to folder: FolderOutput, most: Int) throws(FileError) {
    let isApart = graph.tensors.reduce(0) { $0 + $1.size } > most
    var places: [String: Range<Int>] = [:]
    if isApart {
      let data = ONNXData(path: folder.file(Self.dataName))
      for tensor in graph.tensors where tensor.size >= Self.least {
        places[tensor.name] = try data.append(tensor, alignment: Self.alignment)
      }
      try data.finish()
    }
    try WholeFile.write(bytes: bytes(places), to: folder.file(Self.name))
  }

  private func bytes(_ places: [String: Range<Int>]) -> [UInt8] {
    var model = ProtobufMessage()
    model.add(1, integer: Self.version)
    model.add(2, text: "dino")
    model.add(3, text: Version.current)
    model.add(7) { graph in
      for node in self.graph.nodes { graph.add(1) { Self.write(node, to: &$0) } }
      graph.add(2, text: "backbone")
      for tensor in self.graph.tensors {
        graph.add(5) { Self.write(tensor, at: places[tensor.name], to: &$0) }
      }
      graph.add(11) { Self.write(self.graph.input, to: &$0) }
      for output in self.graph.outputs { graph.add(12) { Self.write(output, to: &$0) } }
    }
    model.add(8) {
      $0.add(1, text: "")
      $0.add(2, integer: Self.opset)
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      model.add(14) { Self.write(key, value, to: &$0) }
    }
    return model.bytes
  }

  private static func write(_ node: ONNXGraph.Node, to message: inout ProtobufMessage) {
    for input in node.inputs { message.add(1, text: input) }
    for output in node.outputs { message.add(2, text: output) }
    message.add(3, text: node.outputs[0])
    message.add(4, text: node.type)
    for (name, value) in node.attributes {
      message.add(5) { attribute in
        attribute.add(1, text: name)
        switch value {
        case .float(let value):
          attribute.add(2, float: value)
          attribute.add(20, integer: 1)
        case .int(let value):
          attribute.add(3, integer: value)
          attribute.add(20, integer: 2)
        case .ints(let values):
          for value in values { attribute.add(8, integer: value) }
          attribute.add(20, integer: 7)
        }
      }
    }
  }

  private static func write(
    _ tensor: ONNXGraph.Tensor, at place: Range<Int>?, to message: inout ProtobufMessage
  ) {
    for extent in tensor.shape { message.add(1, integer: extent) }
    if case .floats = tensor.values {
      message.add(2, integer: 1)
    } else {
      message.add(2, integer: 7)
    }
    message.add(8, text: tensor.name)
    guard let place else { return message.add(9, content: tensor.bytes) }
    let facts = [
      ("location", dataName), ("offset", "\(place.lowerBound)"), ("length", "\(place.count)"),
    ]
    for (key, value) in facts { message.add(13) { write(key, value, to: &$0) } }
    message.add(14, integer: 1)
  }

  private static func write(_ key: String, _ value: String, to message: inout ProtobufMessage) {
    message.add(1, text: key)
    message.add(2, text: value)
  }

  /// A tensor of fp32.
  private static func write(_ value: ONNXGraph.Value, to message: inout ProtobufMessage) {
    message.add(1, text: value.name)
    message.add(2) { type in
      type.add(1) { tensor in
        tensor.add(1, integer: 1)
        tensor.add(2) { shape in
          for extent in value.extents {
            shape.add(1) { dimension in
              if let number = Int(extent) {
                dimension.add(1, integer: number)
              } else {
                dimension.add(2, text: extent)
              }
            }
          }
        }
      }
    }
  }
}

extension ONNXGraph.Tensor {
  /// The values as they are stored.
  var bytes: [UInt8] {
    switch values {
    case .floats(let make): make().withUnsafeBytes(Array.init)
    case .ints(let numbers): numbers.map { Int64($0) }.withUnsafeBytes(Array.init)
    }
  }
}

/// The file with the values of large models.
private final class ONNXData {
  private let path: String
  private let file: Int32
  private var end = 0

  init(path: String) {
    self.path = path
    file = FileSystem.open(path, O_WRONLY | O_CREAT | O_EXCL)
  }

  deinit { if file >= 0 { close(file) } }

  /// Writes a tensor's values, and returns where they are.
  func append(
    _ tensor: ONNXGraph.Tensor, alignment: Int
  ) throws(FileError) -> Range<Int> {
    guard file >= 0 else { throw FileError(path, cannot: "be created") }
    let first = (end + alignment - 1) / alignment * alignment
    let bytes = tensor.bytes
    let code = bytes.withUnsafeBytes { FileSystem.write($0, to: file, at: first) }
    guard code == 0 else { throw FileError(path, writing: first + bytes.count, errno: code) }
    end = first + bytes.count
    return first..<end
  }

  func finish() throws(FileError) {
    guard file >= 0, fsync(file) == 0 else { throw FileError(path, cannot: "be written") }
  }
}
