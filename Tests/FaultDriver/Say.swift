import Glibc

/// Prints a line at once and without a buffer: what was said was said, even if the process is
/// killed right afterwards.
func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  write(STDOUT_FILENO, bytes, bytes.count)
}
