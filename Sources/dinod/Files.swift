#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Tells a person something beside a command's output.
func tell(_ text: String) { fputs("dinod: \(text)\n", stderr) }

/// A path that means the same from any folder.
func absolutePath(_ path: String) -> String {
  guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
  defer { free(current) }
  return String(cString: current) + "/" + path
}

/// Writes a small text file so that it is there whole or not at all.
func writeWhole(_ text: String, to path: String) throws {
  let beside = path + ".new"
  guard let file = fopen(beside, "w") else {
    throw RunError.file("\(beside) cannot be written: \(String(cString: strerror(errno)))")
  }
  let written = fputs(text, file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0
  let code = errno
  guard fclose(file) == 0 && written && rename(beside, path) == 0 else {
    unlink(beside)
    throw RunError.file("\(path) cannot be written: \(String(cString: strerror(code)))")
  }
}
