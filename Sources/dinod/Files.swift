#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Tells a person something beside a command's output.
func tell(_ text: String) { fputs("dinod: \(text)\n", stderr) }
