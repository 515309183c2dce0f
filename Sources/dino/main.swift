// The terminal program.

import CommandKit
import Support

#if canImport(Glibc)
  import Glibc
#endif

exit(Program.dino.run(programArguments))
