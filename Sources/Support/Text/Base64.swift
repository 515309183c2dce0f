import FoundationEssentials

/// Bytes as text in base 64 (RFC 4648).
package enum Base64 {
  /// Returns the text of bytes.
  package static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// Returns the bytes of a text; `nil` if it is not in base 64.
  package static func decode(_ text: String) -> [UInt8]? {
    Data(base64Encoded: text).map { Array($0) }
  }
}
