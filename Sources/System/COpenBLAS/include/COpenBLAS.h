#ifndef DINO_COpenBLAS_H
#define DINO_COpenBLAS_H
/* Debian keeps the header under the architecture folder of the chosen flavour. */
#include <cblas.h>
#endif
