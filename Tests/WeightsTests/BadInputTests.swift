import Foundation
import Store
import Support
import TestSupport
import Testing
import Weights

/// Invalid weights, each with the one-line error that it must give.
@Suite struct BadInputTests {
  struct Bad: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let says: String
    let bytes: @Sendable () -> [UInt8]

    init(
      _ description: String, says: String, _ bytes: @autoclosure @escaping @Sendable () -> [UInt8]
    ) {
      (testDescription, self.says, self.bytes) = (description, says, bytes)
    }
  }

  @Test(
    "what is wrong with weights is said in one line", arguments: safetensors + archives + pickles)
  func refused(_ bad: Bad) throws {
    let folder = TemporaryFolder()
    let path = folder.write(bad.bytes(), to: "bad")
    let error = #expect(throws: FileError.self) { try BackboneWeights.read(path) }
    let line = error?.description ?? ""
    #expect(line.hasPrefix(path + ": ") && line.contains(bad.says), "\(line)")
    #expect(!line.contains("\n") && line.utf8.count < 600)
  }

  // Safetensors files.

  /// The bytes of a safetensors file: the header's length, the header, and `data` bytes of data.
  private static func file(_ header: String, data: Int, length: Int? = nil) -> [UInt8] {
    little(UInt64(length ?? header.utf8.count)) + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  /// The plain sample with one tensor changed.
  private static func sample(
    without dropped: String = "", nan: String = "", shape: (String, [Int]) = ("", []),
    metadata: [String: String] = ["num_heads": "3"]
  ) -> [UInt8] {
    let folder = TemporaryFolder()
    let path = folder.file("sample")
    let tensors = Sample.plain.tensors.filter { $0.name != dropped }
    try! SafetensorsWriter.write(
      tensors.map { tensor in
        var values = tensor.values
        if tensor.name == nan { values[values.count - 1] = .nan }
        return .floats(tensor.name, tensor.name == shape.0 ? shape.1 : tensor.shape, values)
      }, metadata: metadata, to: path)
    return bytes(of: path)
  }

  private static let place = #""dtype":"F32","shape":[1]"#

  static let safetensors = [
    Bad("an empty file", says: "is empty; copy or download it anew", []),
    Bad("a file cut short", says: "ends beyond the end of the file", Array(sample().dropLast(100))),
    Bad(
      "a header of 200 MB", says: "announces a header of 200000000 bytes; at most 100000000",
      file("{", data: 64, length: 200_000_000)),
    Bad(
      "tensors that overlap", says: "tensor \"b\" overlaps the one before it",
      file(
        "{\"a\":{\(place),\"data_offsets\":[0,4]},\"b\":{\(place),\"data_offsets\":[2,6]}}", data: 6
      )),
    Bad(
      "a name twice", says: "the name \"a\" appears twice",
      file(
        "{\"a\":{\(place),\"data_offsets\":[0,4]},\"a\":{\(place),\"data_offsets\":[4,8]}}", data: 8
      )),
    Bad(
      "weights of whole numbers", says: "tensor \"cls_token\" has dtype I32, not floats",
      replacing(sample(), "\"cls_token\":{\"dtype\":\"F32\"", "\"cls_token\":{\"dtype\":\"I32\"")),
    Bad(
      "a weight that is not a number", says: "tensor \"norm.bias\" has nan at element 23",
      sample(nan: "norm.bias")),
    Bad(
      "a tensor missing", says: "has no blocks.1.attn.proj.bias (read as the layout of dinov2)",
      sample(without: "blocks.1.attn.proj.bias")),
    Bad(
      "a tensor of another shape", says: "tensor \"norm.weight\" has shape [12, 2], not [24]",
      sample(shape: ("norm.weight", [12, 2]))),
    Bad(
      "positions of no square grid", says: "which is not CLS and a square grid",
      sample(shape: ("pos_embed", [1, 12, 20]))),
    Bad(
      "heads that cannot share the width",
      says: "tokens 24 wide, which is not a multiple of 7 heads",
      sample(metadata: ["num_heads": "7"])),
    Bad(
      "other weights", says: "has no cls_token among its 1 tensor",
      file("{\"a\":{\(place),\"data_offsets\":[0,4]}}", data: 4)),
    Bad(
      "an extent that no memory holds", says: "tensor \"cls_token\" has the shape [0, 1,",
      file(
        "{\"cls_token\":{\"dtype\":\"F32\",\"shape\":[0,1,4611686018427387904],"
          + "\"data_offsets\":[0,0]}}", data: 0)),
  ]

  /// Returns the bytes with one text replaced by another of the same length.
  private static func replacing(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
    precondition(old.utf8.count == new.utf8.count)
    var bytes = bytes
    bytes.replace(Array(old.utf8), with: Array(new.utf8), maxReplacements: 1)
    return bytes
  }

  // Archives.

  private static let floats = [UInt8](repeating: 0, count: 16)
  private static let vector = CraftedPickle.tensor([4], stored: 4)

  static let archives = [
    Bad(
      "an archive cut short", says: "is not a whole zip archive",
      Array(
        CraftedZip.checkpoint(pickle: CraftedPickle.dictionary([("a", vector)]), [floats]).bytes
          .dropLast(30))),
    Bad(
      "a zip bomb", says: "its entry \"w/data/0\" is compressed, which torch.save never does",
      CraftedZip(entries: [
        .init(name: "w/data.pkl", bytes: CraftedPickle.dictionary([("a", vector)])),
        .init(name: "w/data/0", bytes: floats, method: 8, size: 4_000_000_000),
      ]).bytes),
    Bad(
      "a zip bomb of entries that overlap",
      says: "has entries that are together larger than the file",
      CraftedZip(
        entries: [.init(name: "w/data/0", bytes: [UInt8](repeating: 0, count: 100_000))]
          + (1..<200).map {
            .init(
              name: "w/data/\($0)", bytes: [], size: 100_000, overlaps: true)
          }
      ).bytes),
    Bad(
      "an entry that is larger than the file", says: "together larger than the file",
      CraftedZip(entries: [.init(name: "w/data.pkl", bytes: floats, size: 3_000_000_000)]).bytes),
    Bad(
      "no pickle",
      says: "is a zip archive that torch.save did not write: it has no data.pkl, but \"a.txt\"",
      CraftedZip(entries: [.init(name: "a.txt", bytes: floats)]).bytes),
    Bad(
      "an entry twice", says: "has two entries named \"w/data/0\"",
      CraftedZip(
        entries: [.init(name: "w/data/0", bytes: floats), .init(name: "w/data/0", bytes: floats)]
      ).bytes),
    Bad(
      "the format before PyTorch 1.6, cut short", says: "its pickle ends early",
      [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]),
  ]
}

// Pickles.
extension BadInputTests {
  /// A checkpoint with this pickle and one storage of four floats.
  private static func checkpoint(_ pickle: [UInt8]) -> [UInt8] {
    CraftedZip.checkpoint(pickle: pickle, [[UInt8](repeating: 0, count: 16)]).bytes
  }

  private static func weights(_ tensor: [UInt8]) -> [UInt8] {
    checkpoint(CraftedPickle.dictionary([("cls_token", tensor)]))
  }

  private static let header: [UInt8] = [0x80, 2]

  static let pickles = [
    Bad(
      "a pickle that calls os.system",
      says: "its pickle asks for os.system, which is no part of weights",
      checkpoint(
        header + CraftedPickle.global("os", "system") + CraftedPickle.text("touch /tmp/owned")
          + [0x85, 0x52, 0x2E])),
    Bad(
      "a pickle that builds an object", says: "its pickle asks for builtins.eval",
      checkpoint(
        header + [0x8C, 8] + Array("builtins".utf8) + [0x8C, 4] + Array("eval".utf8) + [0x93, 0x2E])
    ),
    Bad(
      "an opcode of none of torch.save's", says: "its pickle has opcode 0x69 at byte 2",
      checkpoint(header + Array("ios\nsystem\n".utf8))),
    Bad("a pickle cut short", says: "its pickle ends early", checkpoint(header + [0x7D])),
    Bad(
      "a pickle of a text that never ends", says: "its pickle ends early",
      checkpoint(header + [0x58, 0xFF, 0xFF, 0xFF, 0x7F])),
    Bad("a pickle without a value", says: "its pickle does not end", checkpoint(header + [0x2E])),
    Bad(
      "a million lists within one another", says: "its pickle does not end",
      checkpoint(header + [UInt8](repeating: 0x5D, count: 1_000_000) + [0x2E])),
    Bad(
      "lists nested a million deep", says: "has no cls_token among its 0 tensors",
      checkpoint(
        header + [UInt8](repeating: 0x5D, count: 1_000_000)
          + [UInt8](repeating: 0x61, count: 999_999) + [0x2E])),
    Bad(
      "a dictionary that holds itself", says: "has no cls_token among its 0 tensors",
      checkpoint(header + [0x7D, 0x71, 0] + CraftedPickle.text("a") + [0x68, 0, 0x73, 0x2E])),
    Bad(
      "dictionaries that multiply", says: "it has more names than any weights",
      nestedDictionaries),
    Bad(
      "a tensor beyond its storage", says: "tensor \"cls_token\" reaches beyond its storage",
      weights(CraftedPickle.tensor([1, 1, 4], offset: 1, stored: 4))),
    Bad(
      "a tensor that repeats one element without end",
      says: "tensor \"cls_token\" has 1099511627776 elements, which repeat those of its storage",
      weights(CraftedPickle.tensor([1, 1, 1 << 40], strides: [0, 0, 0], stored: 4))),
    Bad(
      "extents whose product no number holds", says: "reaches beyond its storage",
      weights(CraftedPickle.tensor([1 << 40, 1 << 40], stored: 4))),
    Bad(
      "a tensor of more axes than PyTorch has", says: "its pickle has a tensor of 65 axes",
      weights(
        CraftedPickle.tensor([Int](repeating: 1, count: 65), stored: 4))),
    Bad(
      "strides whose reach no number holds", says: "reaches beyond its storage",
      weights(CraftedPickle.tensor([4, 1, 2], strides: [1 << 62, 0, 1 << 62], stored: 4))),
    Bad(
      "an offset that no number holds", says: "reaches beyond its storage",
      weights(CraftedPickle.tensor([1, 1, 4], offset: Int.max, stored: 4))),
    Bad(
      "lists that dictionaries repeat", says: "its pickle repeats lists endlessly",
      checkpoint(
        header + [0x5D, 0x71, 0, 0x28] + [UInt8](repeating: 0x4E, count: 5000) + [0x65, 0x30]
          + (0..<20).flatMap { _ in
            CraftedPickle.global("collections", "OrderedDict") + [0x68, 0, 0x85, 0x52, 0x30]
          } + [0x4E, 0x2E])),
    Bad(
      "a storage of other size than it says", says: "has no storage of 5 elements",
      weights(CraftedPickle.tensor([1, 1, 4], stored: 5))),
    Bad(
      "a storage that is not there", says: "has no storage of 4 elements",
      weights(CraftedPickle.tensor([1, 1, 4], stored: 4, key: "../0"))),
    Bad(
      "a name twice", says: "the name \"cls_token\" comes twice in it",
      checkpoint(
        CraftedPickle.dictionary([
          ("cls_token", CraftedPickle.tensor([4], stored: 4)),
          ("cls_token", CraftedPickle.tensor([4], stored: 4)),
        ]))),
  ]

  /// Four levels of dictionaries, each with two hundred names for the one below it.
  private static var nestedDictionaries: [UInt8] {
    var pickle = header
    for level in 0..<4 {
      pickle += [0x7D, 0x28]
      for name in 0..<200 {
        pickle += CraftedPickle.text("\(name)")
        pickle += level == 0 ? [0x4E] : [0x68, UInt8(level - 1)]
      }
      pickle += [0x75, 0x71, UInt8(level)]
      if level < 3 { pickle += [0x30] }
    }
    return checkpoint(pickle + [0x2E])
  }
}
