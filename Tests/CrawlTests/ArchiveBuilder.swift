import CZlib

/// Compresses bytes into a gzip member.
func gzip(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
  var stream = z_stream()
  precondition(dino_gzip_init(&stream, level) == Z_OK)
  defer { deflateEnd(&stream) }
  var result = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
  var input = bytes
  let count = input.withUnsafeMutableBufferPointer { input in
    result.withUnsafeMutableBufferPointer { output in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
      return Int(stream.total_out)
    }
  }
  return Array(result[..<count])
}

/// Writes web archives as crawlers do.
enum ArchiveBuilder {
  /// A record of a web archive.
  static func record(
    _ type: String, _ target: String, _ block: [UInt8], length: Int? = nil
  ) -> [UInt8] {
    let header = """
      WARC/1.0\r
      WARC-Type: \(type)\r
      WARC-Target-URI: \(target)\r
      Content-Type: application/http; msgtype=response\r
      Content-Length: \(length ?? block.count)\r
      \r

      """
    return Array(header.utf8) + block + Array("\r\n\r\n".utf8)
  }

  /// A response of a server.
  static func response(_ target: String, _ html: String, _ fields: String...) -> [UInt8] {
    record("response", target, http(Array(html.utf8), fields))
  }

  /// A response with a body of bytes.
  static func http(_ body: [UInt8], _ fields: [String], status: Int = 200) -> [UInt8] {
    let lines = ["HTTP/1.1 \(status) OK", "Content-Type: text/html; charset=utf-8"] + fields
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
  }

  /// What an archive begins with, and what else is in it.
  static let info = record("warcinfo", "", Array("software: test\r\n".utf8))
  static let request = record("request", "http://a.org/", Array("GET / HTTP/1.1\r\n\r\n".utf8))
}
