#ifndef DINO_CWebP_H
#define DINO_CWebP_H
#include <webp/decode.h>
#include <webp/demux.h>
#endif
