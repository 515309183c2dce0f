#ifndef DINO_CNCurses_H
#define DINO_CNCurses_H
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <signal.h>
#include <term.h>

// Writes one cell. A wide glyph also covers the next cell. `pair` may exceed 255.
static inline void dino_put(int y, int x, unsigned int glyph, attr_t attributes, int pair) {
  wchar_t text[2] = {(wchar_t)glyph, 0};
  cchar_t cell;
  if (setcchar(&cell, text, attributes, (short)0, &pair) == OK) mvadd_wch(y, x, &cell);
}

// Accessors for the globals of ncurses, which Swift rejects as unsafe for concurrency. Only one
// thread may call them.
// Whether a terminal of this name can move its cursor, without which nothing can be drawn:
// 1 if it can, 0 if not, -1 if the name is unknown.
static inline int dino_moves_cursor(const char *name) {
  int status = 0;
  if (setupterm(name, 1, &status) != OK) return -1;
  const char *move = tigetstr("cup");
  int answer = move != NULL && move != (const char *)-1;
  del_curterm(cur_term);
  return answer;
}

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
// Asks for the mouse: presses of the first button, and the wheel.
static inline void dino_use_mouse(void) {
  mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
  mouseinterval(0);
}
// The button of the next event of the mouse, and its cell; 0 if there is none.
static inline int dino_mouse(int *x, int *y) {
  MEVENT event;
  if (getmouse(&event) != OK) return 0;
  *x = event.x;
  *y = event.y;
  if (event.bstate & BUTTON1_PRESSED) return 1;
  if (event.bstate & BUTTON4_PRESSED) return 4;
  return event.bstate & BUTTON5_PRESSED ? 5 : 0;
}
static inline int dino_columns(void) { return getmaxx(stdscr); }
static inline int dino_rows(void) { return getmaxy(stdscr); }
static inline int dino_colours(void) { return has_colors() ? COLORS : 0; }
static inline int dino_pairs(void) { return COLOR_PAIRS; }
static inline void dino_set_background(int pair) {
  cchar_t cell;
  if (setcchar(&cell, L" ", A_NORMAL, (short)0, &pair) == OK) bkgrnd(&cell);
}

// Attributes that ncurses defines as macros with casts, which Swift does not import.
static inline attr_t dino_bold(void) { return A_BOLD; }
static inline attr_t dino_dim(void) { return A_DIM; }
static inline attr_t dino_reverse(void) { return A_REVERSE; }
static inline attr_t dino_underline(void) { return A_UNDERLINE; }

// Whether the locale's encoding is UTF-8.
static inline int dino_is_utf8(void) {
  const char *set = nl_langinfo(CODESET);
  return set[0] == 'U' && set[1] == 'T' && set[2] == 'F';
}

// Whether the terminfo database has a terminal of this name.
static inline int dino_knows_terminal(const char *name) {
  int error = 0;
  TERMINAL *before = set_curterm(0);
  int known = setupterm(name, 1, &error) == OK && error == 1;
  if (known) del_curterm(cur_term);
  set_curterm(before);
  return known;
}

// Saves the terminal's settings, and installs handlers for the signals that end a program. Call
// `dino_terminal_save` before ncurses starts. Call `dino_terminal_arm` once it has started: it
// looks up the terminal's restoring sequences.
void dino_terminal_save(void);
void dino_terminal_arm(void);
// Restores the default actions of the signals. The terminal itself is restored by endwin.
void dino_terminal_release(void);
// The signal that asked the program to end; 0 if there was none.
int dino_termination_signal(void);
#endif
