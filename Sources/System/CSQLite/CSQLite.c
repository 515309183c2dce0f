#define _GNU_SOURCE
#include "CSQLite.h"

#include <fcntl.h>

int dino_reserve(int file, long long offset, long long bytes) {
  return fallocate(file, FALLOC_FL_KEEP_SIZE, offset, bytes);
}
