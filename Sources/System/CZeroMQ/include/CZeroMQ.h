#ifndef DINO_CZeroMQ_H
#define DINO_CZeroMQ_H
#include <errno.h>
#include <zmq.h>

// Headers for what a thread waits on besides its sockets, which Swift's Glibc module leaves out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#endif
