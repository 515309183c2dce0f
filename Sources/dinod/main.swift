import CMalloc

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

// The computing program: everything that needs the engine is a command of `dinod`.

dino_give_memory_back()
setvbuf(stdout, nil, _IOLBF, 0)
exit(CommandLineTool.run(Array(CommandLine.arguments.dropFirst())))
