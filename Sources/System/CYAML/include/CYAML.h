#ifndef DINO_CYAML_H
#define DINO_CYAML_H
#include <yaml.h>
#endif
