// The terminal side of Dino: starts runs, shows them, steers them. It computes nothing.

#if canImport(Glibc)
  import Glibc
#endif

exit(CommandLineInterface.run(Array(CommandLine.arguments.dropFirst())))
