#ifndef DINO_CSync_H
#define DINO_CSync_H

/// Flushes to the disk all files of the file system that an open file is on. Returns 0, or -1 with
/// `errno`. Swift does not import syncfs.
int dino_sync_file_system(int file);
#endif
