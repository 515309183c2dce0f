import Foundation
import Store
import Support
import TestSupport
import Testing

@Suite("Writing safetensors")
struct SafetensorsWriteTests {
  private let folder = TemporaryFolder()

  @Test("what is written reads as it was: odd shapes, scalars, empty tensors, any name, any bits")
  func roundTrip() throws {
    let path = folder.file("all.safetensors")
    let odd = (0..<105).map { Float(bitPattern: UInt32($0) &* 0x9E37_79B9) }
    try SafetensorsWriter.write(
      [
        .uint8s("bytes", [3], [1, 2, 255]),
        .floats("odd", [3, 5, 7], odd),
        .floats("scalar", [], [-0.0]),
        .floats("nothing", [4, 0, 2], []),
        .int32s("Größe/猫 \"q\" \\ \u{1}\n", [2], [.min, .max]),
        .int64s("steps", [1, 1], [.min]),
      ], metadata: ["format": "pt", "ключ": "line\n\"two\"\t\\"], to: path)

    let file = try SafetensorsFile(path: path)
    #expect(file.metadata == ["format": "pt", "ключ": "line\n\"two\"\t\\"])
    #expect(file["odd"]?.shape == [3, 5, 7])
    #expect(try file.floats("odd").map(\.bitPattern) == odd.map(\.bitPattern))
    #expect(file["scalar"]?.shape == [])
    #expect(try file.floats("scalar").map(\.sign) == [.minus])
    #expect(file["nothing"]?.shape == [4, 0, 2])
    #expect(try file.floats("nothing") == [])
    #expect(try file.int32s("Größe/猫 \"q\" \\ \u{1}\n") == [.min, .max])
    #expect(try file.int64s("steps") == [.min])
    #expect(try file.uint8s("bytes") == [1, 2, 255])
  }

  @Test("every tensor lies at a multiple of its element's size, the data at a multiple of eight")
  func alignment() throws {
    for length in 1...9 {
      let path = folder.file("aligned.safetensors")
      try SafetensorsWriter.write(
        [
          .uint8s(String(repeating: "n", count: length), [3], [1, 2, 3]),
          .floats("f", [1], [1]), .int64s("i", [1], [1]),
        ], to: path)
      let header = bytes(of: path)[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      #expect(header % 8 == 0)
      #expect(try SafetensorsFile(path: path).tensors.map(\.name.first) == ["i", "f", "n"])
    }
  }

  @Test("an empty file of no tensors is a file")
  func noTensors() throws {
    try SafetensorsWriter.write([], to: folder.file("none"))
    #expect(try SafetensorsFile(path: folder.file("none")).tensors.isEmpty)
  }

  @Test("values come and go in pieces that together are the tensor")
  func pieces() throws {
    let count = 200_003
    let path = folder.file("large.safetensors")
    var asked: [Range<Int>] = []
    try SafetensorsWriter.write(
      [
        .floats("large", [count]) { range, target in
          asked.append(range)
          for index in range { target[index - range.lowerBound] = Float(index) }
        }
      ], to: path)
    #expect(asked.count > 1 && asked.first?.lowerBound == 0 && asked.last?.upperBound == count)

    let file = try SafetensorsFile(path: path)
    let whole = try file.floats("large")
    #expect(whole == (0..<count).map(Float.init))
    var pieced: [Float] = []
    try file.readFloats("large") { range, values in
      #expect(range.lowerBound == pieced.count)
      pieced += values
    }
    #expect(pieced == whole)
  }

  @Test("values can be written from memory and read into memory")
  func memory() throws {
    let path = folder.file("memory.safetensors")
    let values: [Float] = [1, 2, 3, 4]
    try values.withUnsafeBufferPointer {
      _ = try SafetensorsWriter.write([.floats("m", [2, 2], $0)], to: path)
    }
    var read = [Float](repeating: 0, count: 4)
    try read.withUnsafeMutableBufferPointer {
      try SafetensorsFile(path: path).copyFloats("m", into: $0)
    }
    #expect(read == values)
  }

  @Test("the checksum is XXH3-128 of the file as it stands")
  func checksum() throws {
    let record = try SafetensorsWriter.write(
      [.floats("x", [3], [1, 2, 3])], metadata: ["a": "b"], to: folder.file("x.safetensors"))
    #expect(record.name == "x.safetensors")
    #expect(record.size == bytes(of: folder.file("x.safetensors")).count)
    #expect(record.parts.map(\.checksum) == ["xxh3-128:34abb1ea659cea5eeac5b11687575ed0"])
  }

  @Test("a file that cannot be written leaves the earlier one and nothing else")
  func failure() throws {
    let path = folder.file("kept")
    try SafetensorsWriter.write([.floats("x", [1], [1])], to: path)
    let target = folder.file("none/new")
    #expect(throws: FileError.self) { try SafetensorsWriter.write([], to: target) }
    #expect(folder.names() == ["kept"])
  }
}
