/// A whole number that runs write and send: a step, a number of images or of bytes.
///
/// Decoding refuses one below 0 or above `limit`, whoever sent or damaged it, since sums of such
/// numbers overflow, which ends a program. What this program counts itself is not checked.
@propertyWrapper
package struct Count: Codable, Sendable, Equatable {
  /// The numbers that are read.
  package static let limits = 0...1_000_000_000_000_000

  /// The number.
  package var wrappedValue: Int

  package init(wrappedValue: Int) { self.wrappedValue = wrappedValue }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = try container.decode(Int.self)
    guard Self.limits.contains(wrappedValue) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a count")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}
