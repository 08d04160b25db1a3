#pragma once

#include "registry_core/liveness_clock.hpp"

#include <cstdint>

namespace registry_core {

/// What the registry's loop sleeps on: its sockets' descriptors, and a wake-up. One thread but for wake().
class WaitSet {
public:
  /// What a descriptor tells of: requests and their storing, or connections, which come and go rarely.
  enum class Of : std::uint8_t { requests, connections };

  /// \throws std::system_error.
  WaitSet();
  ~WaitSet();
  WaitSet(const WaitSet&) = delete;
  WaitSet& operator=(const WaitSet&) = delete;

  /// \param descriptor stays open as long as the loop runs. \throws std::system_error.
  void add(int descriptor, Of of);
  /// Sleeps until one of them is readable, somebody wakes it, or that time is over; in whole milliseconds.
  /// \returns whether a descriptor of connections is readable. \throws std::system_error.
  bool wait(Nanos longest);
  /// Ends this wait() or the next, and each one after it until forget_wake(). From any thread, or a signal's
  /// handler.
  void wake() noexcept;
  void forget_wake() noexcept;

private:
  int epoll_;
  int wake_;
};

} // namespace registry_core
