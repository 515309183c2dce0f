// The terminal program.

import CommandKit
import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

do {
  guard let words = try FirstHour.words(programArguments) else { exit(0) }
  exit(Program.dino.run(words))
} catch {
  fputs(Program.dino.line(of: error) + "\n", stderr)
  exit(Program.exitCode(of: error))
}
