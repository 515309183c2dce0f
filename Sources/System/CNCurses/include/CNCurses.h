#ifndef DINO_CNCurses_H
#define DINO_CNCurses_H
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <signal.h>
#include <term.h>

// Writes one cell; a wide glyph covers the next one as well. `pair` may be over 255.
static inline void dino_put(int y, int x, unsigned int glyph, attr_t attributes, int pair) {
  wchar_t text[2] = {(wchar_t)glyph, 0};
  cchar_t cell;
  if (setcchar(&cell, text, attributes, (short)0, &pair) == OK) mvadd_wch(y, x, &cell);
}

// The globals of ncurses, which Swift takes for a danger of its threads: one thread owns them here.
static inline SCREEN *dino_open(const char *name) { return newterm(name, stdout, stdin); }
static inline void dino_set_input_modes(void) {
  raw();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  set_escdelay(25);
  curs_set(0);
}
static inline int dino_columns(void) { return getmaxx(stdscr); }
static inline int dino_rows(void) { return getmaxy(stdscr); }
static inline int dino_colours(void) { return has_colors() ? COLORS : 0; }
static inline int dino_pairs(void) { return COLOR_PAIRS; }
static inline void dino_set_background(int pair) {
  cchar_t cell;
  if (setcchar(&cell, L" ", A_NORMAL, (short)0, &pair) == OK) bkgrnd(&cell);
}

// What ncurses has only as macros of casts.
static inline attr_t dino_bold(void) { return A_BOLD; }
static inline attr_t dino_dim(void) { return A_DIM; }
static inline attr_t dino_reverse(void) { return A_REVERSE; }
static inline attr_t dino_underline(void) { return A_UNDERLINE; }

static inline int dino_is_utf8(void) {
  const char *set = nl_langinfo(CODESET);
  return set[0] == 'U' && set[1] == 'T' && set[2] == 'F';
}

// Whether the database knows a terminal of this name.
static inline int dino_knows_terminal(const char *name) {
  int error = 0;
  TERMINAL *before = set_curterm(0);
  int known = setupterm(name, 1, &error) == OK && error == 1;
  if (known) del_curterm(cur_term);
  set_curterm(before);
  return known;
}

// Keeps the terminal's settings and catches the signals that end a program. To be called before
// ncurses starts; `dino_terminal_arm` after it has, with its strings in reach.
void dino_terminal_save(void);
void dino_terminal_arm(void);
// Gives the signals back their old meaning; the terminal is restored by endwin.
void dino_terminal_release(void);
// The signal that asked the program to end, 0 while none has.
int dino_termination_signal(void);
#endif
