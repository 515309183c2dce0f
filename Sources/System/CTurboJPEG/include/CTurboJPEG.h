#ifndef DINO_CTurboJPEG_H
#define DINO_CTurboJPEG_H
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>

/// A JPEG file that is being read.
///
/// libjpeg reports errors with longjmp, which must not cross a Swift frame. Every call that can
/// fail is therefore wrapped here: it returns false and sets `message`. After a failure only
/// `dino_jpeg_close` may be called.
typedef struct dino_jpeg_reader {
  /// The first member, so that libjpeg's callbacks can cast it to the whole structure.
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  const unsigned char *bytes;
  /// Whether all rows are decoded, so that a missing end marker does not matter.
  bool is_whole;
  char message[JMSG_LENGTH_MAX];
} dino_jpeg_reader;

/// Returns a reader of `count` bytes, which must stay valid while it is used; NULL if memory is
/// short.
dino_jpeg_reader *dino_jpeg_open(const unsigned char *bytes, size_t count);

/// Reads everything before the pixels, and keeps the APP1 markers, which hold EXIF and XMP.
bool dino_jpeg_read_header(dino_jpeg_reader *reader);

/// Begins to decode at `eighths`/8 of the size into the colour space `colours`. Sets
/// `info.output_width` and `info.output_height`.
bool dino_jpeg_start(dino_jpeg_reader *reader, unsigned eighths, J_COLOR_SPACE colours);

/// Reads the next `count` rows, `stride` bytes apart.
bool dino_jpeg_read_rows(
    dino_jpeg_reader *reader, unsigned char *rows, size_t stride, unsigned count);

/// Reads up to the end marker, or to the end of the file if nothing but the marker is missing.
bool dino_jpeg_finish(dino_jpeg_reader *reader);

/// Frees the reader.
void dino_jpeg_close(dino_jpeg_reader *reader);
#endif
