#ifndef DINO_CXXHash_H
#define DINO_CXXHash_H
#include <xxhash.h>
#endif
