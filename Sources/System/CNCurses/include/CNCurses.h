#ifndef DINO_CNCurses_H
#define DINO_CNCurses_H
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <locale.h>
#include <ncurses.h>
#endif
