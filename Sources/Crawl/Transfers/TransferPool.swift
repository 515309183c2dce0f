import CCurl

/// The transfers that are going on. One thread uses it.
final class TransferPool {
  private let multi: OpaquePointer
  private var transfers: [OpaquePointer: Transfer] = [:]

  /// - Parameter connections: The most connections that are kept for later requests.
  init(connections: Int) {
    _ = Self.library
    guard let multi = curl_multi_init() else { preconditionFailure("memory is short") }
    self.multi = OpaquePointer(multi)
    dino_curl_multi_number(multi, CURLMOPT_MAXCONNECTS, connections)
  }

  /// libcurl has to be set up before its first use.
  private static let library = curl_global_init(Int(CURL_GLOBAL_ALL))

  deinit {
    for transfer in transfers.values { remove(transfer) }
    curl_multi_cleanup(UnsafeMutableRawPointer(multi))
  }

  /// The number of transfers that are going on.
  var count: Int { transfers.count }

  /// Begins a transfer.
  func add(_ transfer: Transfer) {
    transfers[transfer.handle] = transfer
    curl_multi_add_handle(UnsafeMutableRawPointer(multi), UnsafeMutableRawPointer(transfer.handle))
  }

  private func remove(_ transfer: Transfer) {
    curl_multi_remove_handle(
      UnsafeMutableRawPointer(multi), UnsafeMutableRawPointer(transfer.handle))
  }

  /// Waits until something happens, but no longer than so many seconds, and does what can be done.
  func run(waiting seconds: Double) {
    var running: Int32 = 0
    curl_multi_perform(UnsafeMutableRawPointer(multi), &running)
    guard running == transfers.count else { return }
    let milliseconds = Int32(min(max(seconds, 0), 10) * 1000)
    curl_multi_poll(UnsafeMutableRawPointer(multi), nil, 0, milliseconds, nil)
    curl_multi_perform(UnsafeMutableRawPointer(multi), &running)
  }

  /// Returns a transfer that has ended, and how; `nil` if there is none.
  func next() -> (transfer: Transfer, code: CURLcode)? {
    var left: Int32 = 0
    while let message = curl_multi_info_read(UnsafeMutableRawPointer(multi), &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let transfer = transfers.removeValue(forKey: OpaquePointer(easy))
      else { continue }
      let code = dino_curl_result(message)
      remove(transfer)
      if code == CURLE_OK { transfer.finish() }
      return (transfer, code)
    }
    return nil
  }
}
