import Support

/// An array in a file that is written row by row, with the number of rows known only at the end.
package struct RowArray: Sendable, Equatable {
  /// The array's name in the file.
  package let name: String
  /// The shape of one row.
  package let row: [Int]

  /// Creates the description of an array with rows of the given shape.
  package init(_ name: String, row: [Int]) {
    self.name = name
    self.row = row
  }

  /// The number of elements in a row.
  var elements: Int { row.reduce(1, *) }
}

/// A file of float32 arrays that is written row by row, so that memory does not grow with its rows.
///
/// The file appears under its name only when it is finished. Nothing is left of a file that is not.
package protocol RowFile: AnyObject {
  /// Appends whole rows to an array.
  ///
  /// - Parameters:
  ///   - values: the rows' elements.
  ///   - array: the array's index.
  func append(_ values: UnsafeBufferPointer<Float>, to array: Int) throws(FileError)

  /// Completes the file. The header with `metadata` must not be longer than with the metadata that
  /// the file was opened with.
  func finish(metadata: [String: String]) throws(FileError)
}

/// A safetensors file whose arrays grow.
///
/// Space is reserved for the longest possible header and is padded with blanks at the end, as the
/// format allows. The first array grows in the file itself; each other one grows in a temporary
/// file that is appended at the end.
package final class SafetensorsRows: RowFile {
  private let arrays: [RowArray]
  private let file: AppendOnlyFile
  private var temporary: [AppendOnlyFile]
  private let headerCapacity: Int
  private var counts: [Int]

  /// Creates the file. Throws if one exists at `path`.
  ///
  /// - Parameters:
  ///   - most: the largest possible number of rows.
  ///   - metadata: metadata at least as long as that given to `finish(metadata:)`.
  package init(
    _ arrays: [RowArray], most: Int, metadata: [String: String], path: String
  ) throws(FileError) {
    precondition(!arrays.isEmpty)
    self.arrays = arrays
    counts = arrays.map { _ in 0 }
    let header = Self.header(arrays, arrays.map { $0.elements * most }, metadata)
    guard header.count <= SafetensorsHeader.limit else {
      throw FileError(
        file: path, what: "would have a header of \(header.count) bytes, which no reader accepts",
        remedy: "write less metadata")
    }
    headerCapacity = header.count
    file = try AppendOnlyFile(path: path)
    var others: [AppendOnlyFile] = []
    for array in arrays.dropFirst() {
      others.append(try AppendOnlyFile(path: "\(path).\(array.name)"))
    }
    temporary = others
    try write(header) { (bytes) throws(FileError) in try file.append(bytes) }
  }

  package func append(_ values: UnsafeBufferPointer<Float>, to array: Int) throws(FileError) {
    precondition(values.count % max(1, arrays[array].elements) == 0)
    counts[array] += values.count
    try (array == 0 ? file : temporary[array - 1]).append(UnsafeRawBufferPointer(values))
  }

  package func finish(metadata: [String: String]) throws(FileError) {
    for other in temporary { try file.append(contentsOf: other) }
    temporary = []
    let header = Self.header(arrays, counts, metadata)
    precondition(header.count <= headerCapacity, "a header outgrew its capacity")
    let padded =
      header + [UInt8](repeating: UInt8(ascii: " "), count: headerCapacity - header.count)
    try write(padded) { (bytes) throws(FileError) in try file.overwrite(bytes, at: 0) }
    try file.finish()
  }

  /// Calls `body` with the bytes of the header's length and the header.
  private func write(
    _ header: [UInt8], _ body: (UnsafeRawBufferPointer) throws(FileError) -> Void
  ) throws(FileError) {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 + header.count, alignment: 8)
    defer { bytes.deallocate() }
    bytes.storeBytes(of: UInt64(header.count).littleEndian, as: UInt64.self)
    UnsafeMutableRawBufferPointer(rebasing: bytes[8...]).copyBytes(from: header)
    try body(UnsafeRawBufferPointer(bytes))
  }

  private static func header(
    _ arrays: [RowArray], _ elements: [Int], _ metadata: [String: String]
  ) -> [UInt8] {
    var end = 0
    let tensors = zip(arrays, elements).map { array, count in
      let start = end
      end += 4 * count
      return TensorInfo(
        name: array.name, type: .float32, shape: [count / max(1, array.elements)] + array.row,
        bytes: start..<end)
    }
    return Array(SafetensorsHeader(tensors: tensors, metadata: metadata).encoded)
  }
}

/// A NumPy file (`.npy`, version 1.0) of one array. It has no metadata: `finish` ignores it.
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
package final class NumpyRows: RowFile {
  private let array: RowArray
  private let file: AppendOnlyFile
  private var count = 0
  /// The size of the header: a multiple of 64 with space for any number of rows.
  private static let headerCapacity = 128

  /// Creates the file. Throws if one exists at `path`. A row has at most three extents.
  package init(_ array: RowArray, path: String) throws(FileError) {
    precondition(array.row.count <= 3)
    self.array = array
    file = try AppendOnlyFile(path: path)
    let blank = [UInt8](repeating: 0, count: Self.headerCapacity)
    try Self.withBytes(blank) { (bytes) throws(FileError) in try file.append(bytes) }
  }

  package func append(_ values: UnsafeBufferPointer<Float>, to array: Int) throws(FileError) {
    precondition(array == 0 && values.count % max(1, self.array.elements) == 0)
    count += values.count / max(1, self.array.elements)
    try file.append(UnsafeRawBufferPointer(values))
  }

  package func finish(metadata: [String: String]) throws(FileError) {
    let shape = ([count] + array.row).map(String.init).joined(separator: ", ")
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape),), }"
    let length = Self.headerCapacity - 10
    let header =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
      + Array(text.utf8)
      + [UInt8](repeating: UInt8(ascii: " "), count: length - text.utf8.count - 1) + [0x0a]
    try Self.withBytes(header) { (bytes) throws(FileError) in try file.overwrite(bytes, at: 0) }
    try file.finish()
  }

  private static func withBytes(
    _ values: [UInt8], _ body: (UnsafeRawBufferPointer) throws(FileError) -> Void
  ) throws(FileError) {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: values.count, alignment: 8)
    defer { bytes.deallocate() }
    bytes.copyBytes(from: values)
    try body(UnsafeRawBufferPointer(bytes))
  }
}
