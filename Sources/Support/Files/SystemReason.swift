#if canImport(Glibc)
  import Glibc
#endif

/// The system's descriptions of errors.
package enum SystemReason {
  /// Returns the description of an `errno`, by default that of the last failed call.
  package static func of(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
}
