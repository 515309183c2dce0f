#ifndef DINO_CSQLite_H
#define DINO_CSQLite_H
#include <sqlite3.h>

/// Binds text, which SQLite copies. Swift does not import SQLITE_TRANSIENT, which is a cast
/// pointer.
static inline int dino_sqlite3_bind_text(sqlite3_stmt *statement, int index, const char *text,
                                         int bytes) {
  return sqlite3_bind_text(statement, index, text, bytes, SQLITE_TRANSIENT);
}
#endif
