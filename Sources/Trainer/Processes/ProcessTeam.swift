import FoundationEssentials
import Support
import Tensor

/// The processes of a run. Process 0 trains the run and gives orders; the others carry them out
/// (`Participant`).
package final class ProcessTeam {
  package let collectives: any Collectives

  /// Whether programs and processors may differ.
  let mayDiffer: Bool
  /// What the processes said of themselves when they prepared the present phase.
  var processes: [ProcessFacts] = []

  /// - Parameter mayDiffer: whether the processes' programs and processors may differ, which may make
  ///   them round differently.
  package init(_ collectives: any Collectives = SingleProcess(), mayDiffer: Bool = false) {
    self.collectives = collectives
    self.mayDiffer = mayDiffer
  }

  /// Which of the processes this one is.
  package var place: ProcessPlace { collectives.place }

  /// Whether this process is the only one.
  var isAlone: Bool { place.count == 1 }

  /// Gives an order to all others; called by process 0.
  func send(_ order: Order) {
    guard !isAlone else { return }
    precondition(place.number == 0)
    _ = collectives.broadcast(Self.encode(order))
  }

  /// Waits for an order; called by all but process 0.
  func receive() -> Order { Self.decode(collectives.broadcast([])) }

  /// Returns what every process says, in their order. All call it.
  func collect<Report: Codable>(_ own: Report) -> [Report] {
    guard !isAlone else { return [own] }
    return collectives.gather(Self.encode(own)).map { Self.decode($0) }
  }

  /// Whether all processes can read the images that one of them could not read.
  func areDataThere(_ own: Bool) -> Bool {
    send(.lookForData)
    return collect(own).allSatisfy(\.self)
  }

  /// Lets the others end. To be called by process 0 when its work is over, whatever its outcome.
  package func end() { send(.end) }

  private static func encode(_ value: some Encodable) -> [UInt8] {
    guard let data = try? JSONEncoder().encode(value) else {
      preconditionFailure("a message to processes holds a number that is not finite")
    }
    return [UInt8](data)
  }

  /// Messages come from the same version of the program, which is compared before anything else.
  private static func decode<Value: Decodable>(_ bytes: [UInt8]) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch {
      preconditionFailure("process 0 runs another version of dinod: \(error)")
    }
  }
}
