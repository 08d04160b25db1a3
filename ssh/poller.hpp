#pragma once

#include "ssh/handles.hpp"

#include <algorithm>
#include <chrono>
#include <new>

namespace ssh {

/// A session's socket in libssh's poll loop. For the sources of ssh/ alone.
class Poller {
public:
  explicit Poller(ssh_session session) : session_(session), event_(ssh_event_new()) {
    if (!event_ || ssh_event_add_session(event_.get(), session) != SSH_OK) throw std::bad_alloc();
  }
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller() { (void)ssh_event_remove_session(event_.get(), session_); }

  /// Waits for the socket, no later than `until`, and takes in what came. Failures show in the session.
  void wait(std::chrono::steady_clock::time_point until) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    (void)ssh_event_dopoll(event_.get(), static_cast<int>(std::clamp<long>(left, 0, 60'000)));
  }

private:
  ssh_session session_;
  EventHandle event_;
};

} // namespace ssh
