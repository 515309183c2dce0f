import FoundationEssentials
import Run

/// Encodes and decodes the frames of a reply on `control`: JSON and, for a snapshot, its samples
/// as columns.
///
/// A snapshot has some 200,000 numbers. As JSON they cost daemon and viewer half a second of CPU
/// time each; as raw bytes, a few milliseconds. Therefore `samples` is empty in the JSON. The
/// second frame lists the names of the columns: `step`, `time`, then metrics. The third frame
/// holds one column after the other, as little-endian 64-bit floating-point numbers with NaN for
/// missing values.
///
/// For a client that asked for it, both are compressed: the first frame then has the reply's id and
/// outcome, and `sizes` of what follows, and the reply itself is a frame after it. The bytes of the
/// numbers are reordered first (`Deflate.shuffled`).
package enum ReplyCoding {
  /// Returns the frames of a reply: three if it has a snapshot, else one.
  package static func encode(_ reply: Reply) -> [Data] {
    guard let samples = reply.snapshot?.samples else { return [WireJSON.encode(reply)] }
    var reply = reply
    reply.snapshot?.samples = []
    let metrics = Metric.allCases.filter { metric in
      samples.contains { $0[metric] != nil }
    }
    let names = ["step", "time"] + metrics.map(\.rawValue)
    var numbers: [Double] = []
    numbers.reserveCapacity(names.count * samples.count)
    for sample in samples { numbers.append(Double(sample.step)) }
    for sample in samples { numbers.append(sample.time) }
    for metric in metrics {
      for sample in samples { numbers.append(sample[metric] ?? .nan) }
    }
    let columns = numbers.withUnsafeBytes { Data($0) }
    guard reply.encoding == Deflate.name else {
      return [WireJSON.encode(reply), WireJSON.encode(names), columns]
    }
    reply.encoding = nil
    let whole = WireJSON.encode(reply)
    let head = CompressedHead(
      id: reply.id, outcome: reply.outcome, encoding: Deflate.name,
      sizes: [whole.count, columns.count])
    return [
      WireJSON.encode(head), Deflate.compress(whole), WireJSON.encode(names),
      Deflate.compress(Deflate.shuffled(columns)),
    ]
  }

  /// The first frame of a compressed reply.
  private struct CompressedHead: Codable {
    let id: String
    let outcome: Reply.Outcome
    let encoding: String
    let sizes: [Int]
  }

  /// Returns the frames of a compressed reply as they would be without compression.
  private static func decompressed(_ frames: [Data]) throws(WireError) -> [Data] {
    let head = try WireJSON.decode(CompressedHead.self, frames[0])
    guard head.encoding == Deflate.name, head.sizes.count == 2, frames.count == 4 else {
      throw .malformed("a reply that is compressed in an unknown way")
    }
    let columns = try Deflate.decompress(frames[3], size: head.sizes[1])
    return [
      try Deflate.decompress(frames[1], size: head.sizes[0]), frames[2],
      Deflate.unshuffled(columns),
    ]
  }

  /// Returns the id of the command that frames answer, without decoding the rest; `nil` if they
  /// cannot be read, or are the daemon's check whether its client is there.
  package static func id(of frames: [Data]) -> String? {
    struct Named: Decodable { let id: String }
    guard let first = frames.first, !first.isEmpty else { return nil }
    return (try? WireJSON.decode(Named.self, first))?.id
  }

  /// Returns the reply of the given frames. Throws `malformed` if they cannot be read.
  package static func decode(_ frames: [Data]) throws(WireError) -> Reply {
    guard let first = frames.first else { throw .malformed("an empty reply") }
    var reply = try WireJSON.decode(Reply.self, first)
    guard reply.encoding == nil else { return try decode(decompressed(frames)) }
    if reply.snapshot != nil && frames.count >= 3 {
      let names = try WireJSON.decode([String].self, frames[1])
      reply.snapshot?.samples = try samples(names, frames[2])
    }
    return reply
  }

  private static func samples(
    _ names: [String], _ bytes: Data
  ) throws(WireError) -> [Sample] {
    guard names.starts(with: ["step", "time"]), bytes.count % (8 * names.count) == 0 else {
      throw .malformed("columns of samples that do not match their names")
    }
    let rows = bytes.count / 8 / names.count
    let numbers = [Double](unsafeUninitializedCapacity: rows * names.count) { buffer, count in
      count = bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer)) / 8
    }
    let metrics = names.map(Metric.init(rawValue:))
    var samples: [Sample] = []
    samples.reserveCapacity(rows)
    for row in 0..<rows {
      guard let step = Int(exactly: numbers[row]), Sample.steps.contains(step) else {
        throw .malformed("a sample of a step that no run has")
      }
      var values: [Metric: Double] = [:]
      values.reserveCapacity(metrics.count)
      for (column, metric) in metrics.enumerated().dropFirst(2) {
        let number = numbers[column * rows + row]
        if let metric, !number.isNaN { values[metric] = number }
      }
      samples.append(Sample(step: step, time: numbers[rows + row], values: values))
    }
    return samples
  }
}
