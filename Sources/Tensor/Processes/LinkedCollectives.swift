import CFloat

/// Collectives over a link that moves bytes.
///
/// Large sums are made where they belong: each process gets its part of the values from all others, adds
/// them in the tree's order, and sends the sum to all. A process sends 2 · (N − 1) / N of the values' bytes.
/// Small ones go to everybody at once, which takes one round in the place of two.
package final class LinkedCollectives: Collectives {
  private let link: any ProcessLink

  /// The most bytes that are sent to everybody at once.
  private static let smallBytes = 32 << 10
  /// The most bytes of a part of one call. A longer one is cut, so that little memory is needed for what
  /// is received, and sums are made while more is under way.
  private static let partBytes = 1 << 20
  /// The bytes of fp32 to which encoded parts are decoded at a time.
  private static let stretchBytes = 32 << 10

  package init(_ link: any ProcessLink) { self.link = link }

  package var place: ProcessPlace { link.place }
  package var traffic: LinkTraffic { link.traffic }
  package func recordTransfers(_ isOn: Bool) -> [LinkTransfer] { link.recordTransfers(isOn) }

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>, as element: Element) {
    guard values.count * MemoryLayout<Float>.stride > Self.smallBytes else {
      return shared(values, addValues)
    }
    let stride = Self.stride(of: values.count, place.count)
    let own =
      min(place.number * stride, values.count)..<min((place.number + 1) * stride, values.count)
    let sums = UnsafeMutableBufferPointer(rebasing: values[own])
    let reduction = startReduce(
      UnsafeBufferPointer(values), stride: stride, into: sums, isAdded: false, as: element)
    finish(startGather(values, stride: stride, as: element, after: reduction))
  }

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>) {
    shared(values, addValues)
  }

  package func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>) {
    shared(values) { place, other, count in
      for i in 0..<count { place[i] = max(place[i], other[i]) }
    }
  }

  /// The elements of a part, so that values are divided evenly into whole cache lines.
  private static func stride(of count: Int, _ processes: Int) -> Int {
    ((count + processes - 1) / processes + 15) / 16 * 16
  }

  package func startReduce(
    _ values: UnsafeBufferPointer<Float>, stride: Int, into sums: UnsafeMutableBufferPointer<Float>,
    isAdded: Bool, as element: Element
  ) -> CollectiveTicket {
    let processes = place.count
    var ticket = LinkTicket(number: 0)
    let size = MemoryLayout<Float>.stride
    for first in Swift.stride(from: 0, to: stride, by: Self.partBytes / size) {
      let part = min(Self.partBytes / size, stride - first)
      let piece = UnsafeRawBufferPointer(
        UnsafeBufferPointer(rebasing: values[min(first, values.count)...]))
      let target = UnsafeMutableBufferPointer(
        rebasing: sums[min(first, sums.count)..<min(first + part, sums.count)])
      let parts = LinkParts(stride: stride * size, count: part * size)
      let code = Self.code(element)
      ticket = link.exchange(piece, parts, code: code) { received in
        if let code {
          Self.addEncoded(received, code, part, processes, to: target, isAdded: isAdded)
        } else {
          Self.addParts(
            received.assumingMemoryBound(to: Float.self), part, processes, to: target,
            isAdded: isAdded)
        }
      }
    }
    return CollectiveTicket(number: ticket.number)
  }

  private static func code(_ element: Element) -> LinkCode? {
    element == .bf16 ? .bfloat16 : nil
  }

  /// Adds encoded parts, a stretch after the other, so that little memory is needed.
  private static func addEncoded(
    _ received: UnsafeMutableRawPointer, _ code: LinkCode, _ part: Int, _ processes: Int,
    to target: UnsafeMutableBufferPointer<Float>, isAdded: Bool
  ) {
    let size = MemoryLayout<Float>.stride
    let most = max(64, stretchBytes / size / processes)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: processes * most) { values in
      for first in Swift.stride(from: 0, to: target.count, by: most) {
        let count = min(most, target.count - first)
        for process in 0..<processes {
          code.decode(
            received + code.count((process * part + first) * size),
            UnsafeMutableRawBufferPointer(
              rebasing: UnsafeMutableRawBufferPointer(values)[
                process * count * size..<(process + 1) * count * size]))
        }
        addParts(
          values.baseAddress!, count, processes,
          to: UnsafeMutableBufferPointer(rebasing: target[first..<first + count]),
          isAdded: isAdded)
      }
    }
  }

  /// Adds parts in the tree's order, and writes or adds the sums to a memory.
  private static func addParts(
    _ parts: UnsafeMutablePointer<Float>, _ part: Int, _ processes: Int,
    to target: UnsafeMutableBufferPointer<Float>, isAdded: Bool
  ) {
    guard let place = target.baseAddress else { return }
    // Any thread may be here, and it must round as those that add within a process.
    dino_flush_denormals()
    SumTree.add(processes) { dino_add_floats(parts + $1 * part, parts + $0 * part, target.count) }
    if isAdded {
      dino_add_floats(place, parts, target.count)
    } else {
      place.update(from: parts, count: target.count)
    }
  }

  package func startGather(
    _ values: UnsafeMutableBufferPointer<Float>, stride: Int, as element: Element,
    after earlier: CollectiveTicket
  ) -> CollectiveTicket {
    let (bytes, size) = (UnsafeMutableRawBufferPointer(values), MemoryLayout<Float>.stride)
    guard let code = Self.code(element) else {
      return CollectiveTicket(
        number: link.gather(
          bytes, LinkParts(count: stride * size), code: nil, after: earlier.number
        ).number)
    }
    // Encoded parts take memory of their own, so that they are cut.
    var ticket = LinkTicket(number: 0)
    for first in Swift.stride(from: 0, to: stride, by: Self.partBytes / size) {
      let part = min(Self.partBytes / size, stride - first)
      ticket = link.gather(
        UnsafeMutableRawBufferPointer(rebasing: bytes[min(first * size, bytes.count)...]),
        LinkParts(stride: stride * size, count: part * size), code: code, after: earlier.number)
    }
    return CollectiveTicket(number: ticket.number)
  }

  package func finish(_ ticket: CollectiveTicket) {
    if ticket.number > 0 { link.wait(LinkTicket(number: ticket.number)) }
  }

  /// Gives everybody's values to everybody and combines them in the tree's order.
  private func shared<Value>(
    _ values: UnsafeMutableBufferPointer<Value>,
    _ combine: (UnsafeMutablePointer<Value>, UnsafeMutablePointer<Value>, Int) -> Void
  ) {
    guard let first = values.baseAddress else { return }
    dino_flush_denormals()
    let (count, processes) = (values.count, place.count)
    withUnsafeTemporaryAllocation(of: Value.self, capacity: processes * count) { all in
      let place = all.baseAddress! + link.place.number * count
      place.initialize(from: first, count: count)
      link.wait(
        link.gather(
          UnsafeMutableRawBufferPointer(all), LinkParts(count: count * MemoryLayout<Value>.stride),
          code: nil))
      let values = all.baseAddress!
      SumTree.add(processes) { combine(values + $1 * count, values + $0 * count, count) }
      first.update(from: values, count: count)
    }
  }
}

extension LinkedCollectives {
  package func broadcast(_ values: UnsafeMutableBufferPointer<Float>) {
    // Everybody's part of what process 0 has, then the parts to everybody.
    let stride = Self.stride(of: values.count, place.count)
    let size = MemoryLayout<Float>.stride
    let own =
      min(place.number * stride, values.count)..<min((place.number + 1) * stride, values.count)
    var ticket = LinkTicket(number: 0)
    for first in Swift.stride(from: 0, to: stride, by: Self.partBytes / size) {
      let part = min(Self.partBytes / size, stride - first)
      let piece = UnsafeRawBufferPointer(
        rebasing: UnsafeRawBufferPointer(values)[(min(first, values.count) * size)...])
      let target = UnsafeMutableBufferPointer(
        rebasing: values[
          min(
            own.lowerBound + first, own.upperBound)..<min(
              own.lowerBound + first + part, own.upperBound)])
      ticket = link.exchange(
        piece, LinkParts(stride: stride * size, count: part * size), code: nil
      ) { received in
        target.baseAddress?.update(
          from: received.assumingMemoryBound(to: Float.self), count: target.count)
      }
    }
    finish(
      startGather(
        values, stride: stride, as: .fp32, after: CollectiveTicket(number: ticket.number)))
  }

  package func gather(_ bytes: [UInt8]) -> [[UInt8]] {
    let counts = gatherCounts(bytes.count)
    let part = counts.max()!
    guard part > 0 else { return counts.map { _ in [] } }
    var all = [UInt8](repeating: 0, count: part * place.count)
    all.replaceSubrange(place.number * part..<place.number * part + bytes.count, with: bytes)
    all.withUnsafeMutableBytes { link.wait(link.gather($0, LinkParts(count: part), code: nil)) }
    return counts.enumerated().map { Array(all[$0 * part..<$0 * part + $1]) }
  }

  package func broadcast(_ bytes: [UInt8]) -> [UInt8] {
    gather(place.number == 0 ? bytes : [])[0]
  }

  private func gatherCounts(_ own: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: place.count)
    counts[place.number] = own
    counts.withUnsafeMutableBytes {
      link.wait(link.gather($0, LinkParts(count: MemoryLayout<Int>.stride), code: nil))
    }
    return counts
  }
}

/// Adds the second to the first.
private func addValues<Value: FloatingPoint>(
  _ target: UnsafeMutablePointer<Value>, _ source: UnsafeMutablePointer<Value>, _ count: Int
) {
  for i in 0..<count { target[i] += source[i] }
}
