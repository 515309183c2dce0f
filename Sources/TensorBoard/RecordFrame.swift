import Support

/// The frame of a record in a file of records (TFRecord): its length, the length's check, the
/// record, and the record's check.
package enum RecordFrame {
  /// Returns a record with its frame.
  package static func around(_ record: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    length.append(littleEndian: UInt64(record.count))
    var bytes = length
    bytes.reserveCapacity(record.count + 16)
    bytes.append(littleEndian: CRC32C.masked(length))
    bytes += record
    bytes.append(littleEndian: CRC32C.masked(record))
    return bytes
  }
}
