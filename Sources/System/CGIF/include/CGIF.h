#ifndef DINO_CGIF_H
#define DINO_CGIF_H
#include <gif_lib.h>
#endif
