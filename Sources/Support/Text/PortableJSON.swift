import FoundationEssentials

/// The JSON that runs write and send. A number that is not finite is the string `"nan"`, `"inf"`
/// or `"-inf"`, which Python's `float()` can read.
package enum PortableJSON {
  /// Encodes a value. Every value of a run has a JSON form, so this cannot fail.
  ///
  /// - Parameter isSorted: Whether the keys of objects are in alphabetical order.
  package static func encode(_ value: some Encodable, isSorted: Bool = false) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      isSorted ? [.sortedKeys, .withoutEscapingSlashes] : .withoutEscapingSlashes
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else {
      preconditionFailure("\(type(of: value)) has no JSON form")
    }
    return data
  }

  /// Decodes a value; `nil` if the bytes are not the JSON of such a value.
  package static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data) -> Value? {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try? decoder.decode(type, from: data)
  }
}
