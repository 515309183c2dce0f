// The terminal program.

import CommandKit

#if canImport(Glibc)
  import Glibc
#endif

exit(Program.dino.run(Array(CommandLine.arguments.dropFirst())))
