import Foundation
import Store
import Support
import TestSupport
import Testing

@Suite("Files that grow by rows")
struct RowFileTests {
  private let folder = TemporaryFolder()

  private func append(_ values: [Float], to array: Int, of file: any RowFile) throws {
    try values.withUnsafeBufferPointer { try file.append($0, to: array) }
  }

  @Test("arrays whose rows came in turn read as they were, though fewer came than were announced")
  func safetensors() throws {
    let path = folder.file("rows.safetensors")
    let arrays = [RowArray("patches", row: [2, 3]), RowArray("cls", row: [3])]
    let names = (0..<1000).map(String.init).joined(separator: ",")
    let file = try SafetensorsRows(arrays, most: 1000, metadata: ["files": names], path: path)
    let values = (0..<45).map(Float.init)
    try append(Array(values[..<12]), to: 0, of: file)
    try append(Array(values[..<6]), to: 1, of: file)
    try append(Array(values[12..<30]), to: 0, of: file)
    try append(Array(values[6..<15]), to: 1, of: file)
    #expect(!FileManager.default.fileExists(atPath: path))
    try file.finish(metadata: ["files": "0,1,2"])
    let read = try SafetensorsFile(path: path)
    #expect(read.metadata == ["files": "0,1,2"])
    #expect(read["patches"]?.shape == [5, 2, 3] && read["cls"]?.shape == [5, 3])
    #expect(try read.floats("patches") == Array(values[..<30]))
    #expect(try read.floats("cls") == Array(values[..<15]))
    #expect(folder.names() == ["rows.safetensors"])
  }

  @Test(
    "what a killed process left of a file goes when it is written again, what others write stays")
  func leftovers() throws {
    let path = folder.file("rows.npy")
    let killed = Process()
    killed.executableURL = URL(fileURLWithPath: "/bin/true")
    try killed.run()
    killed.waitUntilExit()
    let (left, others) = (
      "rows.npy.partial-\(killed.processIdentifier)",
      ["rows.npy.partial-1", "rows.npy.partial-", "other.npy.partial-\(killed.processIdentifier)"]
    )
    for name in [left] + others { folder.write("half a file", to: name) }
    let file = try NumpyRows(RowArray("cls", row: [2]), path: path)
    try append([1, 2], to: 0, of: file)
    try file.finish(metadata: [:])
    #expect(folder.names().sorted() == (["rows.npy"] + others).sorted())
  }

  @Test("an .npy file has NumPy's header, its data at a multiple of 64 bytes")
  func numpy() throws {
    let path = folder.file("rows.npy")
    let file = try NumpyRows(RowArray("cls", row: [2]), path: path)
    try append([1, 2, 3, 4], to: 0, of: file)
    try append([5, 6], to: 0, of: file)
    try file.finish(metadata: [:])
    let bytes = bytes(of: path)
    #expect(bytes.count == 128 + 24)
    #expect(bytes[..<10] == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
    let header = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2,), }"))
    #expect(header.hasSuffix(" \n"))
    let values = bytes[128...].withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    #expect(values == [1, 2, 3, 4, 5, 6])
  }

  @Test("a file that is given up leaves nothing, and one that is there is not replaced")
  func givenUp() throws {
    do {
      let file = try SafetensorsRows(
        [RowArray("a", row: [1]), RowArray("b", row: [1])], most: 2, metadata: [:],
        path: folder.file("x.safetensors"))
      try append([1], to: 0, of: file)
      #expect(folder.names().count == 2)
    }
    #expect(folder.names().isEmpty)
    folder.write([1, 2], to: "y.npy")
    let error = #expect(throws: FileError.self) {
      try NumpyRows(RowArray("a", row: [1]), path: folder.file("y.npy"))
    }
    #expect(error?.what == "already exists" && bytes(of: folder.file("y.npy")) == [1, 2])
    #expect(throws: FileError.self) {
      try NumpyRows(RowArray("a", row: [1]), path: folder.file("none/y.npy"))
    }
  }
}
