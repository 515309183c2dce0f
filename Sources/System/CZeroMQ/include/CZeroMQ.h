#ifndef DINO_CZeroMQ_H
#define DINO_CZeroMQ_H
#include <errno.h>
#include <zmq.h>

// Headers for what a thread waits on besides its sockets, which Swift's Glibc module leaves out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <linux/filter.h>
#include <sys/socket.h>

// Lets the system drop all packets that ask a listening socket for a connection. Connections that
// were made stay. Returns 0, or -1 with `errno`.
static inline int dino_drop_connections(int listener) {
  struct sock_filter nothing = {BPF_RET | BPF_K, 0, 0, 0};
  struct sock_fprog program = {1, &nothing};
  return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

// Undoes `dino_drop_connections`.
static inline int dino_take_connections(int listener) {
  int unused = 0;
  return setsockopt(listener, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
}
#endif
