/// Collectives over a link that moves bytes.
///
/// Large sums are made where they belong: each process gets its part of the values from all others, adds
/// them in the tree's order, and sends the sum to all. A process sends 2 · (N − 1) / N of the values' bytes.
/// Small ones go to everybody at once, which takes one round in the place of two.
package final class LinkedCollectives: Collectives {
  private let link: any ProcessLink
  /// What is received from all processes, of two pieces at a time.
  private var received: [UnsafeMutableRawPointer]

  /// The most bytes that are sent to everybody at once.
  private static let smallBytes = 32 << 10
  /// The bytes of one part of a piece of a large sum.
  private static let partBytes = 1 << 20

  package init(_ link: any ProcessLink) {
    self.link = link
    received = (0..<2).map { _ in
      UnsafeMutableRawPointer.allocate(
        byteCount: link.place.count * Self.partBytes, alignment: 64)
    }
  }

  deinit { for memory in received { memory.deallocate() } }

  package var place: ProcessPlace { link.place }
  package var traffic: LinkTraffic { link.traffic }

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) { sum(values) }
  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>) { sum(values) }

  package func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>) {
    shared(values) { place, other, count in
      for i in 0..<count { place[i] = max(place[i], other[i]) }
    }
  }

  private func sum<Value: FloatingPoint>(_ values: UnsafeMutableBufferPointer<Value>) {
    let bytes = values.count * MemoryLayout<Value>.stride
    guard bytes > Self.smallBytes else { return shared(values, add) }
    let each = place.count * Self.partBytes / MemoryLayout<Value>.stride
    let pieces = stride(from: 0, to: values.count, by: each).map {
      UnsafeMutableBufferPointer(rebasing: values[$0..<min($0 + each, values.count)])
    }
    var under: [LinkTicket] = []
    for number in 0...pieces.count {
      if number < pieces.count {
        under.append(exchange(pieces[number], into: received[number % 2]))
      }
      guard number > 0 else { continue }
      link.wait(under[number - 1])
      addParts(pieces[number - 1], received[(number - 1) % 2])
      let raw = UnsafeMutableRawBufferPointer(pieces[number - 1])
      last = link.gather(raw, part: part(of: raw.count))
    }
    link.wait(last)
  }

  private var last = LinkTicket(number: 0)

  /// The bytes of a part, so that a piece is divided evenly into whole cache lines.
  private func part(of bytes: Int) -> Int {
    ((bytes + place.count - 1) / place.count + 63) / 64 * 64
  }

  private func exchange<Value>(
    _ piece: UnsafeMutableBufferPointer<Value>, into memory: UnsafeMutableRawPointer
  ) -> LinkTicket {
    let raw = UnsafeRawBufferPointer(piece)
    let part = part(of: raw.count)
    return link.exchange(
      raw, part: part,
      into: UnsafeMutableRawBufferPointer(start: memory, count: place.count * part))
  }

  /// Adds what all processes sent of this one's part of a piece, and writes the sum to the piece.
  private func addParts<Value: FloatingPoint>(
    _ piece: UnsafeMutableBufferPointer<Value>, _ memory: UnsafeMutableRawPointer
  ) {
    let size = MemoryLayout<Value>.stride
    let part = part(of: piece.count * size) / size
    let own = min(place.number * part, piece.count)..<min((place.number + 1) * part, piece.count)
    guard !own.isEmpty else { return }
    let parts = memory.assumingMemoryBound(to: Value.self)
    SumTree.add(place.count) { add(parts + $1 * part, parts + $0 * part, own.count) }
    (piece.baseAddress! + own.lowerBound).update(from: parts, count: own.count)
  }

  /// Gives everybody's values to everybody and combines them in the tree's order.
  private func shared<Value>(
    _ values: UnsafeMutableBufferPointer<Value>,
    _ combine: (UnsafeMutablePointer<Value>, UnsafeMutablePointer<Value>, Int) -> Void
  ) {
    guard let first = values.baseAddress else { return }
    let part = values.count * MemoryLayout<Value>.stride
    let all = received[0].assumingMemoryBound(to: Value.self)
    (all + place.number * values.count).update(from: first, count: values.count)
    link.wait(
      link.gather(
        UnsafeMutableRawBufferPointer(start: received[0], count: place.count * part), part: part))
    SumTree.add(place.count) {
      combine(all + $1 * values.count, all + $0 * values.count, values.count)
    }
    first.update(from: all, count: values.count)
  }
}

extension LinkedCollectives {
  package func broadcast(_ values: UnsafeMutableBufferPointer<Float>) {
    let each = place.count * Self.partBytes / MemoryLayout<Float>.stride
    for first in stride(from: 0, to: values.count, by: each) {
      let piece = UnsafeMutableBufferPointer(
        rebasing: values[first..<min(first + each, values.count)])
      let raw = UnsafeMutableRawBufferPointer(piece)
      let part = part(of: raw.count)
      // Everybody's part of what process 0 has, then the parts to everybody.
      link.wait(exchange(piece, into: received[0]))
      let own = min(place.number * part, raw.count)..<min((place.number + 1) * part, raw.count)
      if !own.isEmpty {
        UnsafeMutableRawBufferPointer(rebasing: raw[own]).copyMemory(
          from: UnsafeRawBufferPointer(start: received[0], count: own.count))
      }
      link.wait(link.gather(raw, part: part))
    }
  }

  package func gather(_ bytes: [UInt8]) -> [[UInt8]] {
    let counts = gatherCounts(bytes.count)
    let part = counts.max()!
    guard part > 0 else { return counts.map { _ in [] } }
    var all = [UInt8](repeating: 0, count: part * place.count)
    all.replaceSubrange(place.number * part..<place.number * part + bytes.count, with: bytes)
    all.withUnsafeMutableBytes { link.wait(link.gather($0, part: part)) }
    return counts.enumerated().map { Array(all[$0 * part..<$0 * part + $1]) }
  }

  package func broadcast(_ bytes: [UInt8]) -> [UInt8] {
    gather(place.number == 0 ? bytes : [])[0]
  }

  private func gatherCounts(_ own: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: place.count)
    counts[place.number] = own
    counts.withUnsafeMutableBytes { link.wait(link.gather($0, part: MemoryLayout<Int>.stride)) }
    return counts
  }
}

private func add<Value: FloatingPoint>(
  _ target: UnsafeMutablePointer<Value>, _ source: UnsafeMutablePointer<Value>, _ count: Int
) {
  for i in 0..<count { target[i] += source[i] }
}
