#ifndef DINO_CZip_H
#define DINO_CZip_H
#include <zip.h>
#endif
