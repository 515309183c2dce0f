import Foundation
import Model
import Support
import TestSupport
import Testing

import Weights

/// What `Tests/Reference/check_onnx.py` says of such files with onnxruntime is not repeated here.
@Suite("Weights as ONNX")
struct ONNXTests {
  private let folder = TemporaryFolder()

  private func export(_ sample: Sample, size: Int? = 12) throws -> ProtobufReader {
    let input = try WeightsInput.open(sample.write(to: folder))
    let target = folder.file("\(sample)-\(size ?? 0)")
    try WeightsExport(input, withHeads: false).write(.onnx, size: size, to: target)
    return try ProtobufReader(Data(contentsOf: URL(fileURLWithPath: target + "/model.onnx")))
  }

  @Test(
    "the file has the version, inputs, outputs and metadata that it should",
    arguments: Sample.allCases)
  func frame(_ sample: Sample) throws {
    let model = try export(sample)
    #expect(model.number(1) == 8 && model.message(8)?.number(2) == 17)
    let graph = try #require(model.message(7))
    let pixels = try #require(graph.message(11))
    #expect(pixels.text(1) == "pixel_values")
    let channels = sample == .sixChannels ? 6 : 3
    #expect(pixels.extents == ["N", "\(channels)", "12", "12"])
    #expect(graph.messages(12).map { $0.text(1) } == ["x_norm_clstoken", "x_norm_patchtokens"])
    #expect(graph.messages(12).map(\.extents) == [["N", "24"], ["N", "9", "24"]])
    let facts = Dictionary(
      uniqueKeysWithValues: model.messages(14).map { ($0.text(1) ?? "", $0.text(2) ?? "") })
    #expect(facts["image_size"] == "12" && facts["num_heads"] == "3")
    #expect(facts["mean"]?.split(separator: " ").count == channels)
  }

  @Test(
    "every tensor that an operator reads is there before it, and every one that is stored is read",
    arguments: Sample.allCases)
  func order(_ sample: Sample) throws {
    let graph = try #require(export(sample).message(7))
    let stored = graph.messages(5).map { $0.text(8) ?? "" }
    #expect(Set(stored).count == stored.count)
    var known = Set(stored + ["pixel_values"])
    var read: Set<String> = []
    for node in graph.messages(1) {
      let inputs = node.texts(1)
      #expect(Set(inputs).isSubset(of: known), "\(node.texts(2))")
      read.formUnion(inputs)
      for output in node.texts(2) { #expect(known.insert(output).inserted, "\(output)") }
    }
    #expect(Set(stored).isSubset(of: read))
    #expect(known.isSuperset(of: ["x_norm_clstoken", "x_norm_patchtokens"]))
  }

  @Test("tensors have the weights' values, linear layers with inputs and outputs exchanged")
  func values() throws {
    let graph = try #require(export(.gatedRegisters).message(7))
    let stored = Dictionary(
      uniqueKeysWithValues: graph.messages(5).map { ($0.text(8) ?? "", $0) })
    let tensors = Dictionary(
      uniqueKeysWithValues: Sample.gatedRegisters.tensors.map { ($0.name, $0) })
    let fixed = try #require(stored["blocks.1.norm2.weight"])
    #expect(fixed.floats == tensors["blocks.1.norm2.weight"]!.values)
    #expect(fixed.numbers(1) == [24] && fixed.number(2) == 1)
    let turned = try #require(stored["blocks.0.mlp.w12.weight.transposed"])
    let plain = tensors["blocks.0.mlp.w12.weight"]!
    #expect(turned.numbers(1) == [24, 128] && plain.shape == [128, 24])
    for (row, column) in [(0, 0), (5, 2), (127, 23)] {
      #expect(turned.floats[column * 128 + row] == plain.values[row * 24 + column])
    }
    // CLS has its position added, registers have none.
    let leading = try #require(stored["leading_tokens"]).floats
    let (cls, positions) = (tensors["cls_token"]!.values, tensors["pos_embed"]!.values)
    #expect(leading[3] == cls[3] + positions[3])
    #expect(Array(leading[24...]) == tensors["register_tokens"]!.values)
    #expect(stored["pos_embed.patches"]?.floats == Array(positions[24...]))
  }

  @Test(
    "values that do not fit into one file are in a second one, at the places that the first names")
  func apart() throws {
    let input = try WeightsInput.open(Sample.registers.write(to: folder))
    let export = try WeightsExport(input, withHeads: false)
    for (name, most) in [("whole", 1 << 30), ("apart", 1 << 10)] {
      try export.write(.onnx, size: 12, most: most, to: folder.file(name))
    }
    func file(_ path: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: folder.file(path)))
    }
    let whole = try #require(ProtobufReader(file("whole/model.onnx")).message(7)).messages(5)
    let apart = try #require(ProtobufReader(file("apart/model.onnx")).message(7)).messages(5)
    #expect(String(decoding: try file("whole/README.md"), as: UTF8.self).contains("12, 12]"))
    let data = try file("apart/model.onnx.data")
    #expect(!folder.names(in: "whole").contains("model.onnx.data"))
    var outside = 0
    for (one, other) in zip(whole, apart) {
      #expect(one.text(8) == other.text(8) && one.numbers(1) == other.numbers(1))
      let facts = Dictionary(
        uniqueKeysWithValues: other.messages(13).map { ($0.text(1) ?? "", $0.text(2) ?? "") })
      guard other.number(14) == 1 else {
        #expect(facts.isEmpty && one.stored == other.stored && one.stored.count < 1024)
        continue
      }
      outside += 1
      #expect(facts["location"] == "model.onnx.data" && other.floats.isEmpty)
      let (offset, length) = (
        try #require(Int(facts["offset"]!)), try #require(Int(facts["length"]!))
      )
      #expect(offset % 4096 == 0)
      let values = Array(data[offset..<offset + length]).withUnsafeBytes { raw in
        (0..<length / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      }
      #expect(values == one.floats && !values.isEmpty)
    }
    #expect(outside > 5)
  }

  @Test("positions are those of the size, which patches must fill")
  func sizes() throws {
    let graph = try #require(export(.plain, size: 20).message(7))
    let positions = try #require(graph.messages(5).first { $0.text(8) == "pos_embed.patches" })
    #expect(positions.numbers(1) == [1, 25, 24])
    let error = #expect(throws: FileError.self) { try export(.plain, size: 18) }
    #expect(
      error?.description.contains("patches of 4 pixels, which do not fill images of 18") == true)
    #expect(error?.description.contains("give --size, a multiple of 4") == true)
    #expect(!folder.names().contains("plain-18"))
  }
}

/// A message of Protocol Buffers, read without a schema.
struct ProtobufReader {
  private enum Value {
    case number(UInt64)
    case bytes([UInt8])
  }

  private var fields: [(number: Int, value: Value)] = []

  init(_ data: some Collection<UInt8>) throws {
    let bytes = Array(data)
    var place = 0
    func varint() -> UInt64 {
      var (value, shift): (UInt64, UInt64) = (0, 0)
      while true {
        let byte = bytes[place]
        place += 1
        value |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
    }
    while place < bytes.count {
      let key = varint()
      switch key & 7 {
      case 0: fields.append((Int(key >> 3), .number(varint())))
      case 2:
        let count = Int(varint())
        fields.append((Int(key >> 3), .bytes(Array(bytes[place..<place + count]))))
        place += count
      default:
        try #require(key & 7 == 5)
        place += 4
      }
    }
  }

  func numbers(_ field: Int) -> [Int] {
    fields.compactMap {
      if $0.number == field, case .number(let value) = $0.value {
        Int(Int64(bitPattern: value))
      } else {
        nil
      }
    }
  }

  private func contents(_ field: Int) -> [[UInt8]] {
    fields.compactMap {
      if $0.number == field, case .bytes(let bytes) = $0.value { bytes } else { nil }
    }
  }

  func number(_ field: Int) -> Int? { numbers(field).first }
  func texts(_ field: Int) -> [String] {
    contents(field).map { String(decoding: $0, as: UTF8.self) }
  }
  func text(_ field: Int) -> String? { texts(field).first }
  func messages(_ field: Int) -> [ProtobufReader] {
    contents(field).compactMap { try? ProtobufReader($0) }
  }
  func message(_ field: Int) -> ProtobufReader? { messages(field).first }

  /// The extents of a `ValueInfoProto`.
  var extents: [String] {
    let shape = message(2)?.message(1)?.message(2)
    return shape?.messages(1).map { $0.text(2) ?? $0.number(1).map(String.init) ?? "?" } ?? []
  }

  /// The bytes of a `TensorProto`'s values.
  var stored: [UInt8] { contents(9).first ?? [] }

  /// The values of a `TensorProto`.
  var floats: [Float] {
    guard let bytes = contents(9).first else { return [] }
    return bytes.withUnsafeBytes { raw in
      (0..<bytes.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }
}
