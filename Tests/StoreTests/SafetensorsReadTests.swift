import Foundation
import Store
import Support
import TestSupport
import Testing

@Suite("Reading safetensors")
struct SafetensorsReadTests {
  private let folder = TemporaryFolder()

  @Test("a file that PyTorch wrote reads as PyTorch's values, type by type")
  func readsPyTorch() throws {
    let file = try SafetensorsFile(path: folder.write(pyTorchFile, to: "torch.safetensors"))
    #expect(file.metadata == ["format": "pt", "note": "a \"quoted\" line\nand 猫"])
    #expect(file.tensors.count == 10)
    #expect(file["weight"]?.shape == [2, 3])
    #expect(file["double"]?.shape == [])
    #expect(file["flag"]?.type == .bool)
    #expect(try file.floats("weight") == [-0.5, 0.25, 3, 1e-30, -7.5, .infinity])
    #expect(try file.floats("half.é") == [1.5, -2, 65504, 5.9604645e-08])
    #expect(try file.floats("brain") == [1, -3.140625, 9.9692100e37, 0])
    #expect(try file.floats("double") == [Float.pi.nextUp])
    #expect(try file.floats("empty") == [])
    #expect(try file.int32s("long") == [-1, .max])
    #expect(try file.int64s("big") == [1 << 40])
    #expect(try file.int32s("int") == [7, -8])
    #expect(try file.uint8s("byte") == [0, 255])
    #expect(try file.int32s("flag") == [1, 0])
  }

  @Test("values that the wanted type does not hold are refused")
  func refusesOtherTypes() throws {
    let file = try SafetensorsFile(path: folder.write(pyTorchFile, to: "torch.safetensors"))
    #expect(throws: FileError.self) { try file.floats("int") }
    #expect(throws: FileError.self) { try file.int32s("weight") }
    #expect(throws: FileError.self) { try file.int32s("big") }
    #expect(throws: FileError.self) { try file.uint8s("int") }
    let missing = #expect(throws: FileError.self) { try file.floats("head.weight") }
    #expect(missing?.description.contains("no tensor \"head.weight\" among its 10") == true)
    #expect(throws: FileError.self) {
      let target = UnsafeMutableBufferPointer<Float>.allocate(capacity: 5)
      defer { target.deallocate() }
      try file.copyFloats("weight", into: target)
    }
  }

  /// The bytes of a file: the header's length, the header and the data.
  private static func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let header = [UInt8](header.utf8)
    let length = length ?? UInt64(header.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header
      + [UInt8](repeating: 0, count: data)
  }

  private static func tensor(_ shape: String, _ offsets: String, _ type: String = "F32") -> String {
    "{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  struct Malformed: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let says: String
  }

  private static let long = String(repeating: "a", count: 1_000_000)

  static let malformed: [Malformed] = [
    .init("an empty file", [], "too few"),
    .init("seven bytes", [1, 2, 3, 4, 5, 6, 7], "too few"),
    .init("a header longer than the file", file("{}", length: 900), "only 2 follow"),
    .init("a header length of 2^64 - 1", file("{}", length: .max), "at most"),
    .init("an empty header", file(""), "begin with '{'"),
    .init("a header that begins with a space", file(" {}"), "begin with '{'"),
    .init("not JSON", file("hello, world"), "begin with '{'"),
    .init(
      "an object that does not end", file("{\"a\":\(tensor("[1]", "[0,4]"))", data: 4), "no '}'"),
    .init("a name that does not end", file("{\"a"), "does not end"),
    .init("a comma too many", file("{\"a\":\(tensor("[1]", "[0,4]")),}", data: 4), "no '\"'"),
    .init("something after the JSON", file("{} x"), "after the end"),
    .init("a name that is not UTF-8", file("{\"", length: 3) + [0xFF], "header"),
    .init("half a surrogate pair", file("{\"\\ud800\":1}"), "surrogate"),
    .init("an unknown escape", file("{\"\\x41\":1}"), "escape"),
    .init("a line break in a name", file("{\"a\n\":1}"), "control character"),
    .init(
      "10,000 arrays in each other",
      file("{\"a\":" + String(repeating: "[", count: 10_000)), "no '{'"),
    .init(
      "one name twice",
      file("{\"a\":\(tensor("[1]", "[0,4]")),\"a\":\(tensor("[1]", "[4,8]"))}", data: 8),
      "appears twice"),
    .init(
      "one name twice, spelled differently",
      file("{\"a\":\(tensor("[1]", "[0,4]")),\"\\u0061\":\(tensor("[1]", "[4,8]"))}", data: 8),
      "appears twice"),
    .init(
      "a field twice",
      file(
        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", data: 4
      ),
      "appears twice"),
    .init("a tensor that is a number", file("{\"a\":1}"), "no '{'"),
    .init(
      "a tensor without a shape", file("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}"),
      "lacks"),
    .init("an unknown field", file("{\"a\":{\"stride\":[1]}}"), "unknown field"),
    .init(
      "an unknown dtype", file("{\"a\":\(tensor("[1]", "[0,4]", "F31"))}", data: 4), "unknown dtype"
    ),
    .init(
      "a dtype in lower case", file("{\"a\":\(tensor("[1]", "[0,4]", "f32"))}", data: 4), "dtype"),
    .init("a negative extent", file("{\"a\":\(tensor("[-1]", "[0,4]"))}", data: 4), "negative"),
    .init("a fractional extent", file("{\"a\":\(tensor("[1.0]", "[0,4]"))}", data: 4), "no ']'"),
    .init(
      "an extent that begins with 0", file("{\"a\":\(tensor("[01]", "[0,4]"))}", data: 4), "with 0"),
    .init(
      "an extent beyond 64 bits",
      file("{\"a\":\(tensor("[99999999999999999999]", "[0,4]"))}", data: 4), "too large"),
    .init(
      "a shape whose product overflows",
      file("{\"a\":\(tensor("[4294967296,4294967296,4294967296]", "[0,0]"))}"),
      "do not make the 0 bytes"),
    .init(
      "a shape larger than its bytes", file("{\"a\":\(tensor("[2]", "[0,4]"))}", data: 4),
      "do not make the 4 bytes"),
    .init(
      "offsets in reverse", file("{\"a\":\(tensor("[1]", "[4,0]"))}", data: 4), "begin and an end"),
    .init("one offset", file("{\"a\":\(tensor("[1]", "[4]"))}", data: 4), "begin and an end"),
    .init(
      "a tensor beyond the end", file("{\"a\":\(tensor("[2]", "[0,8]"))}", data: 4),
      "beyond the end"),
    .init(
      "bytes after the last tensor", file("{\"a\":\(tensor("[1]", "[0,4]"))}", data: 5),
      "belong to no tensor"),
    .init("a hole at the front", file("{\"a\":\(tensor("[1]", "[4,8]"))}", data: 8), "hole"),
    .init(
      "a hole between tensors",
      file("{\"a\":\(tensor("[1]", "[0,4]")),\"b\":\(tensor("[1]", "[8,12]"))}", data: 12), "hole"),
    .init(
      "tensors that overlap",
      file("{\"a\":\(tensor("[2]", "[0,8]")),\"b\":\(tensor("[2]", "[4,12]"))}", data: 12),
      "overlaps"),
    .init(
      "two tensors in one place",
      file("{\"a\":\(tensor("[1]", "[0,4]")),\"b\":\(tensor("[1]", "[0,4]"))}", data: 4), "overlaps"
    ),
    .init(
      "a name of a million letters twice",
      file("{\"\(long)\":\(tensor("[0]", "[0,0]")),\"\(long)\":\(tensor("[0]", "[0,0]"))}"),
      "a…\" appears twice"),
    .init("metadata that is no object", file("{\"__metadata__\":[]}"), "no '{'"),
    .init("metadata that is no text", file("{\"__metadata__\":{\"a\":1}}"), "no '\"'"),
    .init("metadata twice", file("{\"__metadata__\":{},\"__metadata__\":{}}"), "appears twice"),
  ]

  @Test("a malformed file is refused with what is wrong", arguments: malformed)
  func refusesMalformed(_ malformed: Malformed) throws {
    let path = folder.write(malformed.bytes, to: "malformed.safetensors")
    let error = #expect(throws: FileError.self) { try SafetensorsFile(path: path) }
    let text = error?.description ?? ""
    #expect(text.contains(malformed.says))
    #expect(text.hasPrefix(path + ": ") && !text.contains("\n") && text.count < 400)
  }

  @Test("a header of 200 MB is refused even when the file has as many bytes")
  func refusesHugeHeader() throws {
    let path = folder.write(Self.file("{}", length: 200_000_000), to: "huge.safetensors")
    #expect(truncate(path, 200_000_008) == 0)
    let error = #expect(throws: FileError.self) { try SafetensorsFile(path: path) }
    #expect(error?.what.contains("200000000") == true)
  }

  @Test("a missing file, a folder and a file cut short while open are errors")
  func refusesUnreadable() throws {
    #expect(throws: FileError.self) { try SafetensorsFile(path: folder.file("none")) }
    #expect(throws: FileError.self) { try SafetensorsFile(path: folder.path) }
    let file = try SafetensorsFile(path: folder.write(pyTorchFile, to: "torch.safetensors"))
    #expect(truncate(file.path, pyTorchFile.count - 30) == 0)
    #expect(throws: FileError.self) { try file.floats("half.é") }
  }

  @Test("2,000 random corruptions are refused or read, and never crash")
  func survivesCorruption() throws {
    var random = SplitMix(state: 7)
    var refused = 0
    for _ in 0..<2_000 {
      var bytes = pyTorchFile
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.remove(at: place)
        default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
        }
      }
      do {
        let file = try SafetensorsFile(path: folder.write(bytes, to: "corrupt"))
        for tensor in file.tensors {
          _ = try? file.floats(tensor.name)
          _ = try? file.int64s(tensor.name)
        }
      } catch { refused += 1 }
    }
    #expect(refused > 1_000 && refused < 2_000)
  }
}

extension SafetensorsReadTests.Malformed {
  fileprivate init(_ description: String, _ bytes: [UInt8], _ says: String) {
    self.init(testDescription: description, bytes: bytes, says: says)
  }
}

/// A small seeded generator, so that failures are reproducible.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
