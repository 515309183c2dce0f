#include "CNCurses.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

// If a program crashes while the terminal is in raw mode on its alternate screen, the shell that
// follows is unusable. The bytes and settings that restore the terminal are prepared in advance,
// because a signal handler may neither allocate memory nor call ncurses.

static struct termios saved;
static int has_saved = 0;
static char restore[256];
static size_t restore_length = 0;
static volatile sig_atomic_t asked_to_end = 0;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGTRAP, SIGFPE};
static const int endings[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
#define COUNT(list) (sizeof(list) / sizeof(list[0]))

// Async-signal-safe: it calls only write, tcsetattr, signal and raise.
static void on_crash(int number) {
  if (restore_length > 0) (void)!write(STDOUT_FILENO, restore, restore_length);
  if (has_saved) tcsetattr(STDIN_FILENO, TCSANOW, &saved);
  signal(number, SIG_DFL);
  raise(number);
}

static void on_ending(int number) { asked_to_end = number; }

static void append(const char *name) {
  const char *sequence = tigetstr(name);
  if (sequence == 0 || sequence == (const char *)-1) return;
  size_t length = strlen(sequence);
  if (restore_length + length > sizeof restore) return;
  memcpy(restore + restore_length, sequence, length);
  restore_length += length;
}

void dino_terminal_save(void) {
  has_saved = tcgetattr(STDIN_FILENO, &saved) == 0;
  asked_to_end = 0;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_ending;
  for (size_t i = 0; i < COUNT(endings); i++) sigaction(endings[i], &action, 0);
  action.sa_handler = on_crash;
  action.sa_flags = SA_NODEFER;
  for (size_t i = 0; i < COUNT(crashes); i++) sigaction(crashes[i], &action, 0);
}

void dino_terminal_arm(void) {
  restore_length = 0;
  append("sgr0");   // colours and attributes off
  append("op");     // the terminal's own colours
  append("cnorm");  // cursor on
  append("rmkx");   // keypad as it was
  append("rmcup");  // back from the alternate screen
}

void dino_terminal_release(void) {
  restore_length = 0;
  for (size_t i = 0; i < COUNT(endings); i++) signal(endings[i], SIG_DFL);
  for (size_t i = 0; i < COUNT(crashes); i++) signal(crashes[i], SIG_DFL);
}

int dino_termination_signal(void) { return asked_to_end; }
