#ifndef DINO_CZeroMQ_H
#define DINO_CZeroMQ_H
#include <zmq.h>
#include <errno.h>
#endif
