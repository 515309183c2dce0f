#ifndef DINO_CTurboJPEG_H
#define DINO_CTurboJPEG_H
#include <stdio.h>
#include <turbojpeg.h>
#endif
