#define _GNU_SOURCE
#include "CSync.h"

#include <unistd.h>

int dino_sync_file_system(int file) { return syncfs(file); }
