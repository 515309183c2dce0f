#ifndef DINO_CSQLite_H
#define DINO_CSQLite_H
#include <sqlite3.h>
#endif
