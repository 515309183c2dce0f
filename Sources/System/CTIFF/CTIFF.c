#include "CTIFF.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int keep(TIFF *tiff, void *user, const char *module, const char *format, va_list values) {
  dino_tiff_reader *reader = user;
  (void)tiff;
  (void)module;
  if (!reader->message[0]) vsnprintf(reader->message, sizeof reader->message, format, values);
  return 1;
}

/// Drops a warning. libjpeg only warns when it fills with grey what it cannot decode; all that it
/// warns of but stray bytes counts.
static int heed(TIFF *tiff, void *user, const char *module, const char *format, va_list values) {
  dino_tiff_reader *reader = user;
  (void)tiff;
  if (strcmp(module, "JPEGLib") != 0) return 1;
  char message[sizeof reader->message];
  vsnprintf(message, sizeof message, format, values);
  if (strstr(message, "extraneous")) return 1;
  if (!reader->is_spoilt && !reader->message[0]) strcpy(reader->message, message);
  reader->is_spoilt = true;
  return 1;
}

static tmsize_t take(thandle_t handle, void *to, tmsize_t count) {
  dino_tiff_reader *reader = handle;
  uint64_t left = reader->position < reader->count ? reader->count - reader->position : 0;
  if ((uint64_t)count > left) count = (tmsize_t)left;
  if (count <= 0) return 0;
  memcpy(to, reader->bytes + reader->position, (size_t)count);
  reader->position += (uint64_t)count;
  return count;
}

static tmsize_t refuse(thandle_t handle, void *from, tmsize_t count) {
  (void)handle;
  (void)from;
  (void)count;
  return -1;
}

static toff_t move(thandle_t handle, toff_t offset, int whence) {
  dino_tiff_reader *reader = handle;
  uint64_t from = whence == SEEK_CUR ? reader->position : whence == SEEK_END ? reader->count : 0;
  reader->position = from + offset;
  return reader->position;
}

static int leave(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t measure(thandle_t handle) { return ((dino_tiff_reader *)handle)->count; }

/// Gives libtiff the bytes themselves, which it only reads.
static int map(thandle_t handle, void **base, toff_t *size) {
  dino_tiff_reader *reader = handle;
  *base = (void *)reader->bytes;
  *size = reader->count;
  return 1;
}

static void unmap(thandle_t handle, void *base, toff_t size) {
  (void)handle;
  (void)base;
  (void)size;
}

/// Silences the parts of libtiff that know of no reader.
static void silence(void) {
  TIFFSetErrorHandler(NULL);
  TIFFSetWarningHandler(NULL);
}

dino_tiff_reader *dino_tiff_open(const unsigned char *bytes, size_t count, size_t most) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, silence);
  dino_tiff_reader *reader = calloc(1, sizeof *reader);
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!reader || !options) {
    free(reader);
    TIFFOpenOptionsFree(options);
    return NULL;
  }
  reader->bytes = bytes;
  reader->count = count;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most);
  TIFFOpenOptionsSetErrorHandlerExtR(options, keep, reader);
  TIFFOpenOptionsSetWarningHandlerExtR(options, heed, reader);
  reader->tiff = TIFFClientOpenExt(
      "TIFF", "r", reader, take, refuse, move, leave, measure, map, unmap, options);
  TIFFOpenOptionsFree(options);
  return reader;
}

void dino_tiff_close(dino_tiff_reader *reader) {
  if (reader->tiff) TIFFClose(reader->tiff);
  free(reader);
}
