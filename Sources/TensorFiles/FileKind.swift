import Store
import Support

/// A kind of file that is taken for weights by mistake, recognised by its first bytes.
struct FileKind {
  /// What the file is, worded to follow its name.
  let what: String
  /// What the user can do about it.
  let remedy: String

  /// The bytes at the start of a file that are looked at. The mark of tar archives comes last.
  static let needed = 262

  /// A row of the table: bytes, the offset at which they stand, and the kind.
  private struct Mark {
    let bytes: [UInt8]
    let offset: Int
    let kind: FileKind

    init(_ bytes: [UInt8], at offset: Int = 0, _ what: String, _ remedy: String) {
      (self.bytes, self.offset, kind) = (bytes, offset, FileKind(what: what, remedy: remedy))
    }

    init(_ text: String, at offset: Int = 0, _ what: String, _ remedy: String) {
      self.init(Array(text.utf8), at: offset, what, remedy)
    }
  }

  private static let page =
    "fetch the file itself: the link that downloads it, or with an account that may have it"
  private static let unpack = "unpack it, and give the weights that are in it"
  private static let image = "give the weights first, then the pictures"
  private static let convert = "load it where it is from, and save the weights as safetensors"

  private static let marks: [Mark] = [
    Mark(
      "version https://git-lfs.github.com/spec/v1",
      "is a pointer of Git LFS, which stands for the weights", "fetch them: git lfs pull"),
    Mark([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "is a PNG image", image),
    Mark([0xFF, 0xD8, 0xFF], "is a JPEG image", image),
    Mark("GIF8", "is a GIF image", image),
    Mark("WEBP", at: 8, "is a WebP image", image),
    Mark("BM", "is a BMP image", image),
    Mark([0x49, 0x49, 0x2A, 0x00], "is a TIFF image", image),
    Mark([0x4D, 0x4D, 0x00, 0x2A], "is a TIFF image", image),
    Mark("%PDF-", "is a PDF document", page),
    Mark([0x1F, 0x8B], "is compressed by gzip", unpack),
    Mark([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "is compressed by xz", unpack),
    Mark("BZh", "is compressed by bzip2", unpack),
    Mark([0x28, 0xB5, 0x2F, 0xFD], "is compressed by zstd", unpack),
    Mark([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "is a 7z archive", unpack),
    Mark("Rar!", "is a RAR archive", unpack),
    Mark(
      "ustar", at: 257, "is a tar archive",
      "unpack it; if torch.save wrote it (before PyTorch 0.1.10), load and save it with torch"),
    Mark([0x93] + Array("NUMPY".utf8), "is an array of NumPy (.npy)", convert),
    Mark([0x89] + Array("HDF\r\n".utf8), "is a file of HDF5, as Keras writes it", convert),
    Mark(
      "GGUF", "is a GGUF file, whose weights are quantised", "give the weights it was made from"),
    Mark("SQLite format 3", "is a database of SQLite", "check the path"),
    Mark([0x7F] + Array("ELF".utf8), "is a program", "check the path"),
  ]

  /// Recognises a file of `size` bytes by its first ones. Returns `nil` if it may hold weights.
  init?(_ start: [UInt8], size: Int) {
    if size == 0 {
      self.init(what: "is empty", remedy: "copy or download it anew")
    } else if Self.isSafetensors(start, size: size) {
      return nil
    } else if let mark = Self.marks.first(where: {
      start.dropFirst($0.offset).starts(with: $0.bytes)
    }) {
      self = mark.kind
    } else if let text = Self.text(start) {
      let isPage = text.hasPrefix("<")
      self.init(
        what: isPage ? "is a web page (HTML or XML)" : "is text, which begins with \(shown(text))",
        remedy: isPage ? Self.page : "check the path")
    } else if start.first == 0x80, start.count > 1, 2...5 ~= start[1] {
      self.init(
        what: "is a pickle that torch.save did not write, and pickles may run any program",
        remedy: "if you trust it, load it with pickle and save the tensors with torch.save")
    } else {
      return nil
    }
  }

  private init(what: String, remedy: String) { (self.what, self.remedy) = (what, remedy) }

  /// Whether a file begins as safetensors do: the length of a header that fits, and the header.
  static func isSafetensors(_ start: [UInt8], size: Int) -> Bool {
    guard start.count > 8, start[8] == UInt8(ascii: "{") else { return false }
    let length = start.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return length > 0 && length <= size - 8
  }

  /// Returns the first words of a text, without the space before them, or `nil` if the bytes are no
  /// text.
  private static func text(_ start: [UInt8]) -> String? {
    let bytes = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start.dropFirst(3) : start[...]
    guard !bytes.isEmpty,
      bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || 0x09...0x0D ~= $0 || $0 >= 0x80 }),
      bytes.prefix(24).allSatisfy({ $0 < 0x7F })
    else { return nil }
    let words = bytes.drop { $0 <= 0x20 }.prefix(40).prefix { $0 != 0x0A && $0 != 0x0D }
    return String(decoding: words, as: UTF8.self)
  }

  /// Returns the error of a file of this kind.
  func refused(_ path: String) -> FileError { FileError(file: path, what: what, remedy: remedy) }
}

extension ZipArchive {
  /// The first bytes of an archive with entries.
  static let magic: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

  /// The error of an archive that torch.save did not write: what it is instead.
  var notWeights: FileError {
    if entries.keys.contains(where: { $0.hasSuffix(".npy") }) {
      return FileError(
        file: path, what: "is an archive of NumPy arrays (.npz)",
        remedy: "load it with NumPy, and save the arrays as safetensors")
    }
    if entries.keys.contains(where: { $0.hasSuffix("/constants.pkl") }) {
      return FileError(
        file: path, what: "is a program of TorchScript, which is not run",
        remedy: "load it with torch.jit.load and save its weights alone: "
          + "torch.save(model.state_dict(), \"weights.pth\")")
    }
    let names = entries.keys.sorted().prefix(3).map { shown($0) }.joined(separator: ", ")
    return FileError(
      file: path,
      what: "is a zip archive that torch.save did not write: it has no data.pkl, but "
        + (names.isEmpty ? "nothing" : names),
      remedy: "unpack it, and give the weights that are in it")
  }
}
