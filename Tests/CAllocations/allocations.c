#include "CAllocations.h"

#include <errno.h>
#include <stdatomic.h>

/* What the functions below stand before. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

/* The initial-exec model: reaching the flag must not itself allocate. */
static __attribute__((tls_model("initial-exec"))) _Thread_local bool counted;
static atomic_size_t number, bytes, largest, freed;

static void note(size_t size) {
  if (!counted) return;
  atomic_fetch_add(&number, 1);
  atomic_fetch_add(&bytes, size);
  size_t most = atomic_load(&largest);
  while (size > most && !atomic_compare_exchange_weak(&largest, &most, size)) {
  }
}

void *malloc(size_t size) {
  note(size);
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  note(count * size);
  return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
  note(size);
  if (counted && old) atomic_fetch_add(&freed, 1);
  return __libc_realloc(old, size);
}

void free(void *place) {
  if (counted && place) atomic_fetch_add(&freed, 1);
  __libc_free(place);
}

void *memalign(size_t alignment, size_t size) {
  note(size);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **place, size_t alignment, size_t size) {
  void *found = memalign(alignment, size);
  if (!found) return ENOMEM;
  *place = found;
  return 0;
}

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
