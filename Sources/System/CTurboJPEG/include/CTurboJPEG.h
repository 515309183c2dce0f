#ifndef DINO_CTurboJPEG_H
#define DINO_CTurboJPEG_H
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>

/// libjpeg reports an error by a jump that must not cross a Swift frame, so every call that can
/// fail is wrapped here: it returns false and leaves `message`. After a failure only
/// `dino_jpeg_close` may follow.
typedef struct dino_jpeg_reader {
  /// First, so that libjpeg's callbacks can get from it to the whole.
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
} dino_jpeg_reader;

/// A reader of `count` bytes, which must outlive it; NULL when memory is short.
dino_jpeg_reader *dino_jpeg_open(const unsigned char *bytes, size_t count);

/// Reads all that stands before the pixels, and keeps the APP1 markers, which hold EXIF.
bool dino_jpeg_read_header(dino_jpeg_reader *reader);

/// Begins to decode at `eighths`/8 of the size into `colours`; sets `info.output_width` and
/// `info.output_height`.
bool dino_jpeg_start(dino_jpeg_reader *reader, unsigned eighths, J_COLOR_SPACE colours);

/// The next `count` rows, each `stride` bytes after the one before.
bool dino_jpeg_read_rows(
    dino_jpeg_reader *reader, unsigned char *rows, size_t stride, unsigned count);

/// Reads to the end marker: false where the file lacks it.
bool dino_jpeg_finish(dino_jpeg_reader *reader);

void dino_jpeg_close(dino_jpeg_reader *reader);
#endif
