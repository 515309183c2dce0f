import CMalloc
import CommandKit
import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

// The entry point of the computing program.

dino_give_memory_back()
setvbuf(stdout, nil, _IOLBF, 0)
exit(Program.dinod.run(programArguments))
