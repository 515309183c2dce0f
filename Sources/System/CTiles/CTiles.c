#include "CTiles.h"

#if defined(__linux__) && defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Constants of the kernel's interface, which only newer systems define in <asm/prctl.h>. */
enum { request_permission = 0x1023, tile_data = 18 };

int dino_tiles_permitted(void) {
  unsigned a, b, c, d;
  /* Leaf 7: bit 22 of edx stands for bfloat16 in tiles, bit 24 for the tile registers. */
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (~d & (1u << 22 | 1u << 24))) return 0;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}
#else
int dino_tiles_permitted(void) { return 0; }
#endif
