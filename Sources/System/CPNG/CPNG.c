#include "CPNG.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

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
  // Some writers declare a smaller window than their data need.
  png_set_option(reader->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
  return reader;
}

bool dino_png_read_header(dino_png_reader *reader) {
  png_structp png = reader->png;
  if (setjmp(reader->escape)) return false;
  // Allow any size: the caller checks it, with its own message.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  // Skip profiles, texts and the like, which do not affect the pixels. The caller looks for the
  // orientation itself.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, reader->info);
  return true;
}

/// Returns whether the last row has been read, though not what follows it.
static bool has_all_rows(png_structp png, png_infop info) {
  if (png_get_interlace_type(png, info) == PNG_INTERLACE_NONE)
    return png_get_current_row_number(png) >= png_get_image_height(png, info);
  return png_get_current_pass_number(png) >= PNG_INTERLACE_ADAM7_PASSES;
}

/// Reads all rows, and everything behind them.
static void read_rows(dino_png_reader *reader, unsigned char *rows, size_t stride) {
  png_structp png = reader->png;
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, reader->info);
  if (png_get_rowbytes(png, reader->info) > stride) png_error(png, "rows longer than declared");
  png_uint_32 height = png_get_image_height(png, reader->info);
  for (int pass = 0; pass < passes; pass++)
    for (png_uint_32 row = 0; row < height; row++)
      png_read_row(png, rows + row * stride, NULL);
  png_read_end(png, NULL);
}

bool dino_png_read_rgb(
    dino_png_reader *reader, unsigned char *rows, size_t stride, bool needs_end) {
  png_structp png = reader->png;
  if (setjmp(reader->escape)) return !needs_end && has_all_rows(png, reader->info);
  // PIL keeps the high byte of colours.
  if (png_get_color_type(png, reader->info) == PNG_COLOR_TYPE_GRAY)
    png_set_scale_16(png);
  else
    png_set_strip_16(png);
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  read_rows(reader, rows, stride);
  return true;
}

bool dino_png_read_samples(
    dino_png_reader *reader, unsigned char *rows, size_t stride, bool needs_end) {
  png_structp png = reader->png;
  if (setjmp(reader->escape)) return !needs_end && has_all_rows(png, reader->info);
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  png_set_swap(png);
#endif
  read_rows(reader, rows, stride);
  return true;
}

void dino_png_close(dino_png_reader *reader) {
  png_destroy_read_struct(&reader->png, &reader->info, NULL);
  free(reader);
}

unsigned dino_png_crc(const unsigned char *bytes, size_t count) {
  return (unsigned)crc32_z(0, bytes, count);
}

dino_inflation dino_inflate(
    const unsigned char *bytes, size_t count, unsigned char *to, size_t most, size_t *made) {
  unsigned char scratch[1 << 15];
  z_stream stream = {0};
  *made = 0;
  if (inflateInit(&stream) != Z_OK) return DINO_INFLATION_DAMAGED;
  dino_inflation result;
  for (;;) {
    if (stream.avail_in == 0) {
      stream.next_in = (unsigned char *)bytes;
      stream.avail_in = count < 1 << 30 ? (uInt)count : 1 << 30;
      bytes += stream.avail_in;
      count -= stream.avail_in;
    }
    size_t room = most - *made;
    if (room > sizeof scratch) room = sizeof scratch;
    unsigned char none;
    stream.next_out = room == 0 ? &none : to ? to + *made : scratch;
    stream.avail_out = room == 0 ? 1 : (uInt)room;
    uInt before = stream.avail_out;
    int code = inflate(&stream, Z_NO_FLUSH);
    size_t got = before - stream.avail_out;
    bool is_full = room == 0 && got > 0;
    if (!is_full) *made += got;
    if (is_full) {
      result = DINO_INFLATION_TOO_LARGE;
    } else if (code == Z_STREAM_END) {
      result = DINO_INFLATION_ENDED;
    } else if (code == Z_OK || (code == Z_BUF_ERROR && stream.avail_in == 0 && count > 0)) {
      continue;
    } else {
      result = code == Z_BUF_ERROR ? DINO_INFLATION_CUT : DINO_INFLATION_DAMAGED;
    }
    break;
  }
  inflateEnd(&stream);
  return result;
}
