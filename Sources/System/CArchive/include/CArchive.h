#ifndef DINO_CArchive_H
#define DINO_CArchive_H
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

// Some archives say that their names are UTF-8. libarchive converts those to the thread's locale,
// which has to have a place for every character then. Returns the locale before, for
// `dino_archive_restore_locale`.
static inline locale_t dino_archive_use_utf8(void) {
  locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  return utf8 == (locale_t)0 ? (locale_t)0 : uselocale(utf8);
}
static inline void dino_archive_restore_locale(locale_t before) {
  if (before == (locale_t)0) return;
  locale_t utf8 = uselocale(before);
  if (utf8 != before && utf8 != LC_GLOBAL_LOCALE) freelocale(utf8);
}
#endif
