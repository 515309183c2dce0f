import FoundationEssentials
import Kernels
import Model
import Store
import Support
import Tensor

/// Writing a checkpoint by all processes, each what it owns of the state.
extension Engine {
  /// What a process says of a file that it has written parts of.
  private struct Written: Codable {
    var parts: [FilePart] = []
    /// Why it could not: the file, the problem and the remedy.
    var failure: [String]?
  }

  /// Whether processes own parts of the state, and all can write to a checkpoint's folder.
  func canAllWrite(to checkpoint: CheckpointWriter) throws(FileError) -> Bool {
    guard shape.isSharded, kernels.collectives.place.count > 1 else { return false }
    return try checkpoint.withProbe { path in
      announce(.lookFor(path))
      return lookFor(path)
    }
  }

  /// Says whether this process can write to a file. Returns whether all can; all call it.
  @discardableResult
  func lookFor(_ path: String) -> Bool {
    let answers = kernels.collectives.gather([FilePartsOutput.canWrite(to: path) ? 1 : 0])
    return answers.allSatisfy { $0 == [1] }
  }

  /// Has a file of a student written, by every process what it owns. Called by process 0.
  ///
  /// - Parameters:
  ///   - offset: where the values begin in the file.
  ///   - others: what process 0 writes besides the state, by its offset in the file.
  /// - Returns: all parts that were written.
  func write(
    _ file: File, of student: Student, to path: String, from offset: Int,
    besides others: [(Int, [Float])]
  ) throws(FileError) -> [FilePart] {
    let number = files(of: student).firstIndex { $0.name == file.name }!
    announce(.save(file: number, student: student.number, path: path, offset: offset))
    var parts: [FilePart] = []
    for answer in save(file, of: student, to: path, from: offset, besides: others) {
      if let failure = answer.failure {
        throw FileError(file: failure[0], what: failure[1], remedy: failure[2])
      }
      parts += answer.parts
    }
    return parts
  }

  /// Writes what this process owns of a file that process 0 has announced.
  func save(file number: Int, student: Int, path: String, offset: Int) {
    let student = students[student]
    _ = save(files(of: student)[number], of: student, to: path, from: offset)
  }

  /// Writes what this process owns of a file. Returns what each process says of it; all call it.
  private func save(
    _ file: File, of student: Student, to path: String, from offset: Int,
    besides others: [(Int, [Float])] = []
  ) -> [Written] {
    var own = Written()
    do throws(FileError) {
      let output = try FilePartsOutput(path: path)
      try writeSlices(of: file, student, to: output, from: offset)
      for (offset, values) in others { try output.write(values, at: offset) }
      own.parts = try output.finish()
    } catch {
      own.failure = ["\(HostName.own): \(error.file)", error.what, error.remedy]
    }
    // Numbers and texts can always be encoded, and all processes run the same program.
    let answer = [UInt8](try! JSONEncoder().encode(own))
    return kernels.collectives.gather(answer).map {
      try! JSONDecoder().decode(Written.self, from: Data($0))
    }
  }

  /// Writes the slices of a file's tensors that this process owns. The tensors follow one another in the
  /// order of the layout.
  private func writeSlices(
    of file: File, _ student: Student, to output: FilePartsOutput, from offset: Int
  ) throws(FileError) {
    let size = MemoryLayout<Float>.stride
    var offset = offset
    for part in file.parts {
      let (buffer, store) = owned(part, of: student)
      for parameter in student.layout.parameters {
        let range = parameter.range
        for unit in store.units.overlapping(range) {
          let own = store.units.own(unit).clamped(to: range)
          guard !own.isEmpty else { continue }
          try write(
            buffer[store.place(own, unit: unit)], to: output,
            at: offset + (own.lowerBound - range.lowerBound) * size)
        }
        offset += range.count * size
      }
    }
  }

  /// Writes values to a file, a piece after the other.
  private func write(
    _ values: Buffer, to output: FilePartsOutput, at offset: Int
  ) throws(FileError) {
    let (size, most) = (MemoryLayout<Float>.stride, 1 << 16)
    let piece = UnsafeMutableBufferPointer<Float>.allocate(capacity: min(most, values.count))
    defer { piece.deallocate() }
    for first in stride(from: 0, to: values.count, by: most) {
      let part = UnsafeMutableBufferPointer(
        rebasing: piece[..<min(most, values.count - first)])
      kernels.download(values[first..<first + part.count], to: part)
      try output.write(UnsafeRawBufferPointer(part), at: offset + first * size)
    }
  }
}
