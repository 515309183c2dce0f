#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Prints a message on standard error.
func tell(_ text: String) { fputs("dinod: \(text)\n", stderr) }
