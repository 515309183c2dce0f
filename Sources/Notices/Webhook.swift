import CCurl
import FoundationEssentials
import Support

extension Destination {
  /// What is posted: headers and a body.
  package func request(for item: Outbox.Item) -> (headers: [String], body: Data) {
    let notice = item.notice
    let line = notice.line(attempt: item.attempts)
    let asJSON = "Content-Type: application/json"
    // Receivers that know the header take a notice once.
    let id = "Idempotency-Key: \(notice.id)"
    switch kind {
    case .slack: return ([id, asJSON], PortableJSON.encode(["text": line]))
    case .discord: return ([id, asJSON], PortableJSON.encode(["content": line]))
    case .ntfy:
      let isUrgent = [.alarm, .failed, .silent].contains(notice.event)
      let title = "Title: \(notice.run): \(notice.event.rawValue)"
      return ([id, title, "Priority: \(isUrgent ? "high" : "default")"], Data(line.utf8))
    default: return ([id, asJSON], PortableJSON.encode(item))
    }
  }

  /// Posts a notice.
  func post(_ item: Outbox.Item) -> Delivery {
    let (headers, body) = request(for: item)
    return Webhook.post(body, headers: headers, to: target)
  }
}

/// Posts to addresses of the web.
private enum Webhook {
  private static let library = curl_global_init(Int(CURL_GLOBAL_ALL))
  /// Seconds for a connection, and for the whole.
  private static let connectSeconds = 10
  private static let seconds = 20

  static func post(_ body: Data, headers: [String], to address: String) -> Delivery {
    guard library == CURLE_OK, let handle = curl_easy_init() else {
      return .failed("libcurl cannot be used")
    }
    defer { curl_easy_cleanup(handle) }
    // Without `Expect`, small bodies are sent at once.
    var list: UnsafeMutablePointer<curl_slist>?
    for header in headers + ["Expect:"] { list = curl_slist_append(list, header) }
    defer { curl_slist_free_all(list) }
    dino_curl_set_text(handle, CURLOPT_URL, address)
    dino_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    dino_curl_set_text(handle, CURLOPT_USERAGENT, "dino/\(Version.current)")
    dino_curl_set_list(handle, CURLOPT_HTTPHEADER, list)
    dino_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, connectSeconds)
    dino_curl_set_number(handle, CURLOPT_TIMEOUT, seconds)
    dino_curl_set_number(handle, CURLOPT_NOSIGNAL, 1)
    dino_curl_set_bytes(handle, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
    dino_curl_set_number(handle, CURLOPT_POSTFIELDSIZE, body.count)
    let result = body.withUnsafeBytes { bytes in
      dino_curl_set_pointer(
        handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress!))
      return curl_easy_perform(handle)
    }
    guard result == CURLE_OK else {
      // The message does not name the address, which is a secret.
      return .failed(String(cString: curl_easy_strerror(result)))
    }
    let status = dino_curl_number(handle, CURLINFO_RESPONSE_CODE)
    switch status {
    case 200..<300: return .delivered
    // It asks for patience, or has trouble of its own.
    case 408, 425, 429, 500...: return .failed("the server answered \(status)")
    default: return .refused("the server answered \(status)")
    }
  }
}
