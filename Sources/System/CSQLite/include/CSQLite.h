#ifndef DINO_CSQLite_H
#define DINO_CSQLite_H
#include <sqlite3.h>

/// Binds text, which SQLite copies. Swift does not import SQLITE_TRANSIENT, which is a cast
/// pointer.
static inline int dino_sqlite3_bind_text(sqlite3_stmt *statement, int index, const char *text,
                                         int bytes) {
  return sqlite3_bind_text(statement, index, text, bytes, SQLITE_TRANSIENT);
}

/// Binds bytes, which SQLite copies. None are an empty blob, not NULL.
static inline int dino_sqlite3_bind_blob(sqlite3_stmt *statement, int index, const void *bytes,
                                         int count) {
  return sqlite3_bind_blob(statement, index, count ? bytes : "", count, SQLITE_TRANSIENT);
}

/// Reserves space on the disk for bytes of an open file, also beyond its end, without changing its
/// size. Returns 0, or -1 where the file system cannot or has none left. Swift does not import
/// fallocate.
int dino_reserve(int file, long long offset, long long bytes);
#endif
