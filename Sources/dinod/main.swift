import CMalloc
import CommandKit

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

// The computing side of Dino.

dino_give_memory_back()
setvbuf(stdout, nil, _IOLBF, 0)
exit(Program.dinod.run(Array(CommandLine.arguments.dropFirst())))
