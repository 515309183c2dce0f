import FoundationEssentials

/// The file of the program that runs, symbolic links resolved.
package let executablePath: String =
  (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
  ?? CommandLine.arguments[0]
