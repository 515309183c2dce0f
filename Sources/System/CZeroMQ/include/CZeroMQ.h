#ifndef DINO_CZeroMQ_H
#define DINO_CZeroMQ_H
#include <errno.h>
#include <zmq.h>

// What a thread waits on beside its sockets; Swift's Glibc module leaves these out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#endif
