import CCurl
import Images
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// One request and its answer, which is judged while it comes.
///
/// libcurl follows no redirect, asks for no compression, sends no names or passwords, uses no proxy
/// and opens no socket that this class has not seen.
final class Transfer {
  /// What is asked for, which decides what of the answer is kept.
  enum Kind { case image, robots }

  /// What ends a transfer before its body does.
  enum Verdict: Equatable {
    case forbidden(String)
    case tooLarge
    case notAnImage
    /// The body is not needed.
    case enough
    case header
  }

  /// The most bytes of a body that are read when it is not needed, which is cheaper than another
  /// connection.
  private static let mostIgnored = 16 << 10
  /// How many bytes tell whether a body is an image.
  private static let telling = 32

  let kind: Kind
  let url: WebURL
  let handle: OpaquePointer
  private(set) var header = HTTPHeader()
  private(set) var verdict: Verdict?
  /// The first bytes of an image, or a robots.txt.
  private(set) var body: [UInt8] = []
  private(set) var image: IncomingImage?
  private(set) var format: ImageFormat?
  /// A failure of the disk, which is none of the server's.
  private(set) var failure: FileError?
  /// An address that was refused since it is not public.
  private(set) var refusedAddress: IPAddress?
  /// The number of bytes of the body.
  private(set) var count = 0
  private var headerBytes = 0
  private var isInBody = false

  let limits: TransferLimits
  private let store: ImageStore?
  private let testPort: UInt16?
  private var lists: [UnsafeMutablePointer<curl_slist>] = []

  /// Prepares a request.
  ///
  /// - Parameter store: Where an image is written; `nil` for a robots.txt.
  init(_ kind: Kind, _ url: WebURL, limits: TransferLimits, store: ImageStore?) {
    self.kind = kind
    self.url = url
    self.limits = limits
    self.store = store
    testPort = limits.access.port(of: url.host)
    guard let handle = curl_easy_init() else { preconditionFailure("memory is short") }
    self.handle = OpaquePointer(handle)
    setUp()
  }

  deinit {
    curl_easy_cleanup(UnsafeMutableRawPointer(handle))
    for list in lists { curl_slist_free_all(list) }
  }
}

/// What bounds all transfers of a crawl.
struct TransferLimits {
  let userAgent: String
  /// The name by which `X-Robots-Tag` knows us.
  let agent: String
  /// The most bytes of an image.
  let mostBytes: Int
  let seconds: Double
  let connectSeconds: Double
  let slowBytes: Int
  let slowSeconds: Int
  let access: PrivateAccess
}

extension Transfer {
  private func setUp() {
    let curl = UnsafeMutableRawPointer(handle)
    let texts: [(CURLoption, String)] = [
      (CURLOPT_URL, url.description), (CURLOPT_USERAGENT, limits.userAgent), (CURLOPT_PROXY, ""),
      (CURLOPT_PROTOCOLS_STR, "http,https"),
    ]
    for (option, text) in texts { dino_curl_set_text(curl, option, text) }
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_PATH_AS_IS, 1), (CURLOPT_FOLLOWLOCATION, 0),
      (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)), (CURLOPT_SSL_VERIFYPEER, 1),
      (CURLOPT_SSL_VERIFYHOST, 2), (CURLOPT_TIMEOUT_MS, Int(limits.seconds * 1000)),
      (CURLOPT_CONNECTTIMEOUT_MS, Int(limits.connectSeconds * 1000)),
      (CURLOPT_LOW_SPEED_LIMIT, limits.slowBytes), (CURLOPT_LOW_SPEED_TIME, limits.slowSeconds),
    ]
    for (option, number) in numbers { dino_curl_set_number(curl, option, number) }
    if let testPort, let list = curl_slist_append(nil, "::127.0.0.1:\(testPort)") {
      lists.append(list)
      dino_curl_set_list(curl, CURLOPT_CONNECT_TO, list)
    }
    let own = Unmanaged.passUnretained(self).toOpaque()
    for option in [CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_OPENSOCKETDATA] {
      dino_curl_set_pointer(curl, option, own)
    }
    dino_curl_set_bytes(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, own in
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return Transfer.at(own).takeHeader(line.bindMemory(to: UInt8.self)) ? size * count : 0
    }
    dino_curl_set_bytes(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, own in
      let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
      // Bytes that are not taken end the transfer, also when there are none.
      return Transfer.at(own).takeBody(piece) ? size * count : size * count + 1
    }
    dino_curl_set_socket(curl) { own, _, address in
      guard let address else { return CURL_SOCKET_BAD }
      return Transfer.at(own).openSocket(address)
    }
  }

  private static func at(_ pointer: UnsafeMutableRawPointer?) -> Transfer {
    Unmanaged<Transfer>.fromOpaque(pointer!).takeUnretainedValue()
  }

  /// Opens a socket, or refuses to if its address is not public. curl has looked the name up and will
  /// connect to this very address.
  private func openSocket(_ place: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    let length = Int(place.pointee.addrlen)
    let isAllowed = withUnsafePointer(to: &place.pointee.addr) { socket in
      guard let address = IPAddress(socket, length: length) else { return false }
      if limits.access == .all || address.isPublic { return true }
      if let testPort, address.bytes == [127, 0, 0, 1], Self.port(of: socket) == testPort {
        return true
      }
      refusedAddress = address
      return false
    }
    guard isAllowed else { return CURL_SOCKET_BAD }
    return socket(
      place.pointee.family, place.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue),
      place.pointee.protocol)
  }

  private static func port(of socket: UnsafePointer<sockaddr>) -> UInt16 {
    socket.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      UInt16(bigEndian: $0.pointee.sin_port)
    }
  }

  /// Takes a line of the header; false ends the transfer.
  private func takeHeader(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    headerBytes += line.count
    guard headerBytes <= HTTPHeader.mostBytes else { return end(.header) }
    // What follows the body is no header.
    guard !isInBody else { return true }
    header.take(line)
    let isEnd = line.allSatisfy { $0 == 0x0D || $0 == 0x0A }
    return isEnd && header.status >= 200 ? judgeHeader() : true
  }

  /// Judges a whole header before any of the body is read.
  private func judgeHeader() -> Bool {
    isInBody = true
    guard kind == .image, header.status < 400 else { return true }
    if let word = RobotsTag.refusal(header.all("x-robots-tag"), agent: limits.agent) {
      return end(.forbidden(word))
    }
    if header.status == 200, let length = header.length, length > limits.mostBytes {
      return end(.tooLarge)
    }
    return true
  }

  private func end(_ verdict: Verdict) -> Bool {
    self.verdict = verdict
    return false
  }

  /// Takes a piece of the body; false ends the transfer.
  private func takeBody(_ piece: UnsafeRawBufferPointer) -> Bool {
    count += piece.count
    guard header.status == 200 else { return count <= Self.mostIgnored || end(.enough) }
    switch kind {
    case .robots:
      body += piece
      return body.count <= RobotsFile.mostBytes || end(.enough)
    case .image: return takeImage(piece)
    }
  }

  private func takeImage(_ piece: UnsafeRawBufferPointer) -> Bool {
    guard count <= limits.mostBytes else { return end(.tooLarge) }
    if image != nil { return write(piece) }
    body += piece
    return body.count < Self.telling || recognise()
  }

  /// Looks at the first bytes, and begins a file if they are those of an image.
  private func recognise() -> Bool {
    format = ImageFormat(body)
    guard format != nil, let store else { return end(.notAnImage) }
    do throws(FileError) {
      image = try store.begin()
    } catch {
      failure = error
      return false
    }
    return body.withUnsafeBytes { write($0) }
  }

  private func write(_ piece: UnsafeRawBufferPointer) -> Bool {
    do throws(FileError) {
      try image?.append(piece)
      return true
    } catch {
      failure = error
      return false
    }
  }

  /// Looks at a body that ended before it was long enough to be looked at.
  func finish() {
    if kind == .image, header.status == 200, image == nil, verdict == nil, failure == nil {
      _ = recognise()
    }
  }
}
