#include "CTurboJPEG.h"

#include <stdlib.h>

/// The largest number of scans. A file of a few kilobytes can demand thousands of passes over a
/// huge picture; real progressive files have about ten.
static const int most_scans = 500;

static void fail(j_common_ptr info) {
  dino_jpeg_reader *reader = (dino_jpeg_reader *)info;
  info->err->format_message(info, reader->message);
  longjmp(reader->escape, 1);
}

/// Treats some warnings as errors. libjpeg only warns when it fills with grey what it cannot
/// decode, and such a picture must not reach a model. Other warnings (stray bytes between
/// segments, an odd header) leave the picture intact.
static void warn(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
      if (((dino_jpeg_reader *)info)->is_whole) return;
      // fallthrough
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
      fail(info);
  }
}

/// Returns whether the last rows come from the file's data. A file of which a part is missing may
/// have zeros there, which decode to some picture. The decoder reads at most 8 bytes ahead.
static bool is_read_from_data(const dino_jpeg_reader *reader) {
  const unsigned char *end = reader->info.src->next_input_byte;
  for (int back = 1; back <= 9 && back <= end - reader->bytes; back++)
    if (end[-back]) return true;
  return false;
}

static void count_scans(j_common_ptr info) {
  if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > most_scans) {
    dino_jpeg_reader *reader = (dino_jpeg_reader *)info;
    snprintf(reader->message, sizeof reader->message, "more than %d scans", most_scans);
    longjmp(reader->escape, 1);
  }
}

dino_jpeg_reader *dino_jpeg_open(const unsigned char *bytes, size_t count) {
  dino_jpeg_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  reader->bytes = bytes;
  reader->info.err = jpeg_std_error(&reader->errors);
  reader->errors.error_exit = fail;
  reader->errors.emit_message = warn;
  reader->progress.progress_monitor = count_scans;
  if (setjmp(reader->escape)) {
    dino_jpeg_close(reader);
    return NULL;
  }
  jpeg_create_decompress(&reader->info);
  reader->info.progress = &reader->progress;
  jpeg_mem_src(&reader->info, bytes, count);
  return reader;
}

bool dino_jpeg_read_header(dino_jpeg_reader *reader) {
  if (setjmp(reader->escape)) return false;
  jpeg_save_markers(&reader->info, JPEG_APP0 + 1, 0xFFFF);
  return jpeg_read_header(&reader->info, TRUE) == JPEG_HEADER_OK;
}

bool dino_jpeg_start(dino_jpeg_reader *reader, unsigned eighths, J_COLOR_SPACE colours) {
  if (setjmp(reader->escape)) return false;
  reader->info.out_color_space = colours;
  reader->info.scale_num = eighths;
  reader->info.scale_denom = 8;
  return jpeg_start_decompress(&reader->info);
}

bool dino_jpeg_read_rows(
    dino_jpeg_reader *reader, unsigned char *rows, size_t stride, unsigned count) {
  if (setjmp(reader->escape)) return false;
  JDIMENSION first = reader->info.output_scanline;
  while (reader->info.output_scanline - first < count) {
    JSAMPROW row = rows + (reader->info.output_scanline - first) * stride;
    jpeg_read_scanlines(&reader->info, &row, 1);
  }
  return true;
}

bool dino_jpeg_finish(dino_jpeg_reader *reader) {
  if (setjmp(reader->escape)) return false;
  reader->is_whole = is_read_from_data(reader);
  return jpeg_finish_decompress(&reader->info);
}

void dino_jpeg_close(dino_jpeg_reader *reader) {
  jpeg_destroy_decompress(&reader->info);
  free(reader);
}
