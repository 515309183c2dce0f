// The terminal program.

import CommandKit
import Support

#if canImport(Glibc)
  import Glibc
#endif

guard let words = programArguments.isEmpty ? FirstHour.words() : programArguments else { exit(0) }
exit(Program.dino.run(words))
