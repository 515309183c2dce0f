import CCurl

/// How a transfer ended, as far as the one who asked for it has to know.
enum TransferEnd: Equatable {
  /// A response with another status than a redirect, whole or as much of it as is needed.
  case answer
  /// A response that leads elsewhere, and where.
  case redirect(String)
  /// It failed, or what came must not be kept. The words say what happened.
  case failed(FetchOutcome, String)

  private static let redirects: Set<Int> = [301, 302, 303, 307, 308]

  /// Judges a transfer by what libcurl and the callbacks say.
  init(_ transfer: Transfer, _ code: CURLcode) {
    switch transfer.verdict {
    case .forbidden(let word): self = .failed(.forbidden, word)
    case .tooLarge: self = .failed(.tooLarge, "more than \(transfer.limits.mostBytes) bytes")
    case .notAnImage: self = .failed(.notAnImage, String(transfer.header.type.prefix(100)))
    case .header: self = .failed(.incomplete, "a header of too many bytes")
    case .enough, nil:
      guard code == CURLE_OK || transfer.verdict == .enough else {
        self = Self.failure(transfer, code)
        return
      }
      let place = transfer.header["location"]
      if Self.redirects.contains(transfer.header.status), let place {
        self = .redirect(place)
      } else {
        self = .answer
      }
    }
  }

  private static func failure(_ transfer: Transfer, _ code: CURLcode) -> TransferEnd {
    let words = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return .failed(.unknownName, words)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
      return .failed(.badCertificate, words)
    case CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR, CURLE_URL_MALFORMAT:
      if let address = transfer.refusedAddress { return .failed(.privateAddress, "\(address)") }
      return .failed(.unreachable, words)
    case CURLE_OPERATION_TIMEDOUT: return .failed(.timedOut, words)
    default: return .failed(.incomplete, words)
    }
  }
}
