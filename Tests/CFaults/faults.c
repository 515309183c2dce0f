#define _GNU_SOURCE
#include "CFaults.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The functions below enter the system themselves, so they need nothing of the C library's own. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int record = -1;
static const char *count_path;
static char *letters;
static size_t count, capacity, chosen;
static enum { NOTHING, CRASH, FAIL, SHORT } fault;
static int failure;

static void finish(void) {
  if (!count_path) return;
  int file = syscall(SYS_openat, AT_FDCWD, count_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || syscall(SYS_write, file, letters, count) != (ssize_t)count) abort();
}

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("DINO_FAULTS_ROOT");
  if (!folder) return;
  snprintf(root, sizeof root, "%s", folder);
  root_length = strlen(root);
  count_path = getenv("DINO_FAULTS_COUNT");
  atexit(finish);
  const char *number = getenv("DINO_FAULTS_AT"), *kind = getenv("DINO_FAULTS_KIND");
  if (number && kind) {
    chosen = strtoul(number, NULL, 10);
    failure = !strcmp(kind, "enospc") ? ENOSPC : EIO;
    fault = !strcmp(kind, "crash") ? CRASH : !strcmp(kind, "short") ? SHORT : FAIL;
  }
  const char *path = getenv("DINO_FAULTS_RECORD");
  if (!path) return;
  record = syscall(
      SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (record < 0) abort();
}

/* Whether a path is the root or below it. */
static bool is_below(const char *path) {
  return root_length && !strncmp(path, root, root_length)
      && (path[root_length] == '/' || !path[root_length]);
}

/* Whether an open file or folder is below the root. The system is asked, since descriptors are
   closed and used again in ways that are not seen here. */
static bool is_file_below(int file) {
  if (!root_length) return false;
  char link[32], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = syscall(SYS_readlink, link, path, sizeof path - 1);
  if (length < 0) return false;
  path[length] = 0;
  return is_below(path);
}

/* Begins a call. Returns false, with errno, if it is the one that fails. */
static bool enter(char letter) {
  pthread_mutex_lock(&lock);
  if (count == capacity) {
    capacity = capacity ? 2 * capacity : 4096;
    letters = realloc(letters, capacity);
    if (!letters) abort();
  }
  letters[count++] = letter;
  if (count != chosen || fault != FAIL) return true;
  pthread_mutex_unlock(&lock);
  errno = failure;
  return false;
}

/* Ends a call that was carried out. Returns its result. */
static long leave(long result) {
  if (count == chosen && fault == CRASH) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
  }
  pthread_mutex_unlock(&lock);
  return result;
}

/* How much of a write is carried out. */
static size_t portion(size_t size) {
  return count == chosen && fault == SHORT && size > 1 ? size / 2 : size;
}

static void note(
    enum faults_kind kind, uint64_t inode, uint64_t offset, const char *first, const void *second,
    size_t size) {
  if (record < 0) return;
  struct faults_record head = {kind, inode, offset, first ? strlen(first) : 0, size};
  struct iovec parts[] = {
      {&head, sizeof head}, {(void *)first, head.first}, {(void *)second, size}};
  ssize_t wanted = sizeof head + head.first + size;
  if (syscall(SYS_writev, record, parts, 3) != wanted) abort();
}

static struct stat status(int file) {
  struct stat found;
  if (fstat(file, &found)) abort();
  return found;
}

static int open_below(int folder, const char *path, int flags, mode_t mode) {
  bool changes = is_below(path) && flags & (O_CREAT | O_TRUNC);
  if (!changes) return syscall(SYS_openat, folder, path, flags, mode);
  if (!enter('o')) return -1;
  bool is_new = syscall(SYS_faccessat, folder, path, F_OK, 0) != 0;
  int file = syscall(SYS_openat, folder, path, flags, mode);
  if (file >= 0 && is_new) note(FAULTS_CREATE, status(file).st_ino, 0, path, NULL, 0);
  if (file >= 0 && !is_new && flags & O_TRUNC) {
    note(FAULTS_TRUNCATE, status(file).st_ino, 0, NULL, NULL, 0);
  }
  return leave(file);
}

#define MODE(flags)                        \
  mode_t mode = 0;                         \
  if ((flags) & (O_CREAT | O_TMPFILE)) {   \
    va_list rest;                          \
    va_start(rest, flags);                 \
    mode = va_arg(rest, int);              \
    va_end(rest);                          \
  }

int open(const char *path, int flags, ...) {
  MODE(flags)
  return open_below(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  MODE(flags)
  return open_below(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return open_below(folder, path, flags, mode);
}

int creat(const char *path, mode_t mode) {
  return open_below(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

/* Writes at an offset; at the file's own position if that is negative. */
static ssize_t write_below(int file, const void *bytes, size_t size, off_t offset) {
  bool is_own = offset < 0;
  if (!is_file_below(file)) {
    ssize_t wrote = is_own ? syscall(SYS_write, file, bytes, size)
                           : syscall(SYS_pwrite64, file, bytes, size, offset);
    if (file == STDOUT_FILENO && wrote > 0) {
      pthread_mutex_lock(&lock);
      note(FAULTS_OUTPUT, 0, 0, NULL, bytes, wrote);
      pthread_mutex_unlock(&lock);
    }
    return wrote;
  }
  if (!enter('w')) return -1;
  if (is_own) {
    bool appends = syscall(SYS_fcntl, file, F_GETFL) & O_APPEND;
    offset = appends ? status(file).st_size : syscall(SYS_lseek, file, 0, SEEK_CUR);
  }
  ssize_t wrote = is_own ? syscall(SYS_write, file, bytes, portion(size))
                         : syscall(SYS_pwrite64, file, bytes, portion(size), offset);
  if (wrote > 0) note(FAULTS_WRITE, status(file).st_ino, offset, NULL, bytes, wrote);
  return leave(wrote);
}

ssize_t write(int file, const void *bytes, size_t size) {
  return write_below(file, bytes, size, -1);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) {
  return write_below(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset) {
  return write_below(file, bytes, size, offset);
}

static int truncate_below(int file, off_t size) {
  if (!is_file_below(file)) return syscall(SYS_ftruncate, file, size);
  if (!enter('t')) return -1;
  int code = syscall(SYS_ftruncate, file, size);
  if (code == 0) note(FAULTS_TRUNCATE, status(file).st_ino, size, NULL, NULL, 0);
  return leave(code);
}

int ftruncate(int file, off_t size) { return truncate_below(file, size); }
int ftruncate64(int file, off64_t size) { return truncate_below(file, size); }

static int sync_below(int file, long call) {
  if (!is_file_below(file)) return syscall(call, file);
  if (!enter('s')) return -1;
  note(FAULTS_SYNC, status(file).st_ino, 0, NULL, NULL, 0);
  return leave(0);
}

int fsync(int file) { return sync_below(file, SYS_fsync); }
int fdatasync(int file) { return sync_below(file, SYS_fdatasync); }

int rename(const char *path, const char *target) {
  if (!is_below(path)) return syscall(SYS_renameat, AT_FDCWD, path, AT_FDCWD, target);
  if (!enter('r')) return -1;
  int code = syscall(SYS_renameat, AT_FDCWD, path, AT_FDCWD, target);
  if (code == 0) note(FAULTS_RENAME, 0, 0, path, target, strlen(target));
  return leave(code);
}

int link(const char *path, const char *target) {
  if (!is_below(target)) return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, target, 0);
  if (!enter('l')) return -1;
  int code = syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, target, 0);
  if (code == 0) note(FAULTS_LINK, 0, 0, path, target, strlen(target));
  return leave(code);
}

int unlink(const char *path) {
  if (!is_below(path)) return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (!enter('u')) return -1;
  int code = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (code == 0) note(FAULTS_UNLINK, 0, 0, path, NULL, 0);
  return leave(code);
}

int rmdir(const char *path) {
  if (!is_below(path)) return syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
  if (!enter('d')) return -1;
  int code = syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
  if (code == 0) note(FAULTS_RMDIR, 0, 0, path, NULL, 0);
  return leave(code);
}

int mkdir(const char *path, mode_t mode) {
  if (!is_below(path)) return syscall(SYS_mkdirat, AT_FDCWD, path, mode);
  if (!enter('m')) return -1;
  int code = syscall(SYS_mkdirat, AT_FDCWD, path, mode);
  struct stat made;
  if (code == 0 && !stat(path, &made)) note(FAULTS_MKDIR, made.st_ino, 0, path, NULL, 0);
  return leave(code);
}
