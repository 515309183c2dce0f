#include "CPNG.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(png_structp png, png_const_charp message) {
  dino_png_reader *reader = png_get_error_ptr(png);
  snprintf(reader->message, sizeof reader->message, "%s", message);
  longjmp(reader->escape, 1);
}

/// Ignores libpng's warnings (an odd profile, bytes after the picture), which leave the pixels
/// intact.
static void ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void take(png_structp png, png_bytep to, size_t count) {
  dino_png_reader *reader = png_get_io_ptr(png);
  if (count > reader->left) png_error(png, "the file ends early");
  memcpy(to, reader->next, count);
  reader->next += count;
  reader->left -= count;
}

dino_png_reader *dino_png_open(const unsigned char *bytes, size_t count) {
  dino_png_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  reader->next = bytes;
  reader->left = count;
  if (setjmp(reader->escape)) {
    dino_png_close(reader);
    return NULL;
  }
  reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, fail, ignore);
  reader->info = reader->png ? png_create_info_struct(reader->png) : NULL;
  if (!reader->info) {
    dino_png_close(reader);
    return NULL;
  }
  png_set_read_fn(reader->png, reader, take);
  return reader;
}

bool dino_png_read_header(dino_png_reader *reader) {
  png_structp png = reader->png;
  if (setjmp(reader->escape)) return false;
  // Allow any size: the caller checks it, with its own message.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  // Skip profiles, texts and the like, which do not affect the pixels. Only EXIF does, by its
  // orientation.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "eXIf", 1);
  png_read_info(png, reader->info);
  return true;
}

bool dino_png_read_rgb(dino_png_reader *reader, unsigned char *rows, size_t stride) {
  png_structp png = reader->png;
  if (setjmp(reader->escape)) return false;
  png_set_scale_16(png);
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, reader->info);
  if (png_get_rowbytes(png, reader->info) > stride) png_error(png, "rows longer than declared");
  png_uint_32 height = png_get_image_height(png, reader->info);
  for (int pass = 0; pass < passes; pass++)
    for (png_uint_32 row = 0; row < height; row++)
      png_read_row(png, rows + row * stride, NULL);
  png_read_end(png, NULL);
  return true;
}

void dino_png_close(dino_png_reader *reader) {
  png_destroy_read_struct(&reader->png, &reader->info, NULL);
  free(reader);
}
