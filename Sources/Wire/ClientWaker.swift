import CZeroMQ

#if canImport(Glibc)
  import Glibc
#endif

/// An epoll descriptor that combines several descriptors with a timer of one second.
struct ClientWaker {
  /// Readable when a watched descriptor is, after `wake()`, and once a second.
  let fileDescriptor: Int32
  private let timer: Int32

  /// Watches the given descriptors. They must stay open until `close()`.
  init(watching files: [Int32]) {
    fileDescriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    timer = timerfd_create(
      CLOCK_MONOTONIC, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
    for file in files + [timer] {
      var event = epoll_event()
      event.events = EPOLLIN.rawValue
      epoll_ctl(fileDescriptor, EPOLL_CTL_ADD, file, &event)
    }
    set(first: 1_000_000_000)
  }

  /// Makes the descriptor readable at once.
  func wake() { set(first: 1) }

  /// Clears the timer's expiry, so that the timer no longer makes the descriptor readable.
  func rest() {
    var count: UInt64 = 0
    read(timer, &count, 8)
  }

  /// Closes the epoll and timer descriptors.
  func close() {
    Glibc.close(timer)
    Glibc.close(fileDescriptor)
  }

  /// Sets the timer to expire after `first` nanoseconds, and every second from then on.
  private func set(first: Int) {
    var times = itimerspec()
    times.it_interval.tv_sec = 1
    times.it_value.tv_sec = first / 1_000_000_000
    times.it_value.tv_nsec = first % 1_000_000_000
    timerfd_settime(timer, 0, &times, nil)
  }
}
