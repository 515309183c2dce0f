import FoundationEssentials

/// The path of the running program, with symbolic links resolved.
package let executablePath: String =
  (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
  ?? CommandLine.arguments[0]
