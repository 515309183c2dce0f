import Glibc

/// The path of the running program, with symbolic links resolved.
package let executablePath: String = {
  guard let path = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
  defer { free(path) }
  return ByteText.text(path)
}()

/// The arguments of the program, without its name. They may be paths, so they are read as such.
package var programArguments: [String] {
  (1..<max(1, Int(CommandLine.argc))).compactMap { number in
    CommandLine.unsafeArgv[number].map { ByteText.text($0) }
  }
}
