#ifndef DINO_CPNG_H
#define DINO_CPNG_H
#include <png.h>
#endif
