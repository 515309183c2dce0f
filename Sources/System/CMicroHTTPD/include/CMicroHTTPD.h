#ifndef DINO_CMicroHTTPD_H
#define DINO_CMicroHTTPD_H
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/eventfd.h>

// Swift does not import functions with variable arguments.

/// Listens on 127.0.0.1. Returns NULL with `errno` if that fails. Whoever calls it has the daemon work.
///
/// `context` is handed to `answer` and to `notify`. A connection that is silent for `seconds` is ended, and one whose
/// request takes more than `memory` bytes is refused.
static inline struct MHD_Daemon *dino_http_start(uint16_t port, MHD_AccessHandlerCallback answer,
                                                 MHD_NotifyConnectionCallback notify, void *context,
                                                 unsigned int connections, unsigned int seconds,
                                                 size_t memory) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return MHD_start_daemon(MHD_USE_EPOLL, port, NULL, NULL, answer, context, MHD_OPTION_SOCK_ADDR,
                          (struct sockaddr *)&address, MHD_OPTION_NOTIFY_CONNECTION, notify, context,
                          MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_TIMEOUT, seconds,
                          MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, MHD_OPTION_END);
}

/// The descriptor that is readable when the daemon has something to do.
static inline int dino_http_descriptor(struct MHD_Daemon *daemon) {
  return MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

/// The port that the daemon listens on.
static inline uint16_t dino_http_port(struct MHD_Daemon *daemon) {
  return MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/// The socket of a connection.
static inline int dino_http_socket(struct MHD_Connection *connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/// Whether a connection begins; else it has ended.
static inline int dino_http_begins(enum MHD_ConnectionNotificationCode what) {
  return what == MHD_CONNECTION_NOTIFY_STARTED;
}
#endif
