#include "CAllocations.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>

/* The initial-exec model: reaching the flags must not itself allocate. */
#define THREAD static __attribute__((tls_model("initial-exec"))) _Thread_local
THREAD bool counted, watched;
THREAD ptrdiff_t held, peak;
static atomic_size_t number, bytes, largest, freed;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED
#endif
#endif

#ifndef IS_SANITIZED

/* What the functions below stand before. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

static void note(size_t size) {
  if (!counted) return;
  atomic_fetch_add(&number, 1);
  atomic_fetch_add(&bytes, size);
  size_t most = atomic_load(&largest);
  while (size > most && !atomic_compare_exchange_weak(&largest, &most, size)) {
  }
}

static void *took(void *place) {
  if (watched && place) {
    held += (ptrdiff_t)malloc_usable_size(place);
    if (held > peak) peak = held;
  }
  return place;
}

static void gave(void *place) {
  if (watched && place) held -= (ptrdiff_t)malloc_usable_size(place);
}

void *malloc(size_t size) {
  note(size);
  return took(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
  note(count * size);
  return took(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size) {
  note(size);
  if (counted && old) atomic_fetch_add(&freed, 1);
  gave(old);
  void *place = __libc_realloc(old, size);
  /* A failed call leaves the old place as it was. */
  took(place || !size ? place : old);
  return place;
}

void free(void *place) {
  if (counted && place) atomic_fetch_add(&freed, 1);
  gave(place);
  __libc_free(place);
}

void *memalign(size_t alignment, size_t size) {
  note(size);
  return took(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **place, size_t alignment, size_t size) {
  void *found = memalign(alignment, size);
  if (!found) return ENOMEM;
  *place = found;
  return 0;
}

bool allocations_are_counted(void) { return true; }

#else

bool allocations_are_counted(void) { return false; }

#endif

void allocations_watch(bool on) {
  watched = on;
  if (on) held = peak = 0;
}

size_t allocations_peak(void) { return (size_t)peak; }

void allocations_count(bool on) { counted = on; }

void allocations_reset(void) {
  atomic_store(&number, 0);
  atomic_store(&bytes, 0);
  atomic_store(&largest, 0);
  atomic_store(&freed, 0);
}

size_t allocations_number(void) { return atomic_load(&number); }
size_t allocations_bytes(void) { return atomic_load(&bytes); }
size_t allocations_largest(void) { return atomic_load(&largest); }
size_t allocations_freed(void) { return atomic_load(&freed); }
