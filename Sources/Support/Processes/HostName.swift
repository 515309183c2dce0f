#if canImport(Glibc)
  import Glibc
#endif

/// The names of hosts.
package enum HostName {
  /// This machine's name; `localhost` if the system does not tell.
  package static var own: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, 255) == 0, name[0] != 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
