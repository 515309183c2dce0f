#include "CMalloc.h"

#include <malloc.h>

void dino_give_memory_back(void) { mallopt(M_MMAP_THRESHOLD, 1 << 20); }
