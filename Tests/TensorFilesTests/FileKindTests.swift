import Support
import TensorFiles
import TestSupport
import Testing

/// Files that are taken for weights by mistake.
@Suite struct FileKindTests {
  @Test(
    "what is not weights is named by what it is",
    arguments: [
      ([], "is empty"),
      (Array("<!DOCTYPE html><html><head>".utf8), "is a web page (HTML or XML)"),
      (Array("\n  <html lang=\"en\">".utf8), "is a web page (HTML or XML)"),
      (
        Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 88\n".utf8),
        "is a pointer of Git LFS, which stands for the weights"
      ),
      (
        Array("{\"error\": \"Repository not found\"}".utf8),
        "is JSON, not weights, and no index of them: "
          + "\"{\\\"error\\\": \\\"Repository not found\\\"}\""
      ),
      (
        Array("Entry not found".utf8), "is text, which begins with \"Entry not found\""
      ),
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0], "is a PNG image"),
      ([0xFF, 0xD8, 0xFF, 0xE0, 0, 16], "is a JPEG image"),
      ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "is compressed by gzip"),
      ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4], "is a 7z archive"),
      (
        Array("sys_info".utf8) + [UInt8](repeating: 0, count: 249) + Array("ustar\u{0}00".utf8),
        "is a tar archive"
      ),
      ([0x93] + Array("NUMPY".utf8) + [1, 0], "is an array of NumPy (.npy)"),
      ([0x89] + Array("HDF\r\n".utf8), "is a file of HDF5, as Keras writes it"),
      ([0x80, 4, 0x95, 5, 0, 0, 0, 0], "is a pickle that torch.save did not write, and pickles"),
    ] as [([UInt8], String)])
  func named(bytes: [UInt8], says: String) throws {
    let folder = TemporaryFolder()
    let file = folder.write(bytes, to: "model.pth")
    let error = #expect(throws: FileError.self) { try TensorFormat.open(file) }
    #expect(error?.what.hasPrefix(says) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }
}
