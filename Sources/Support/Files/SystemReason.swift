#if canImport(Glibc)
  import Glibc
#endif

/// What the system says of an error, in its own words.
package enum SystemReason {
  /// The words for an `errno`, by default that of the last call.
  package static func of(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
}
