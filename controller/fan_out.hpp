#pragma once

#include "config/config.hpp"
#include "controller/failure.hpp"
#include "controller/host_link.hpp"
#include "controller/progress.hpp"

#include <cstddef>
#include <functional>
#include <span>

namespace controller {

/// How wide, and when to begin nothing more.
struct FanOutOptions {
  unsigned parallel = 32;          ///< hosts at work at once
  std::function<bool()> cancelled; ///< asked from several threads; true: hosts not begun are left
  ProgressObserver observer;       ///< may be empty

  /// Tells the observer, if there is one.
  void show(const ProgressStep& step) const {
    if (observer) observer(step);
  }
};

/// What is done with each host. Both are called on a thread of the pool or the caller's, each once a host and
/// never both for one; `index` counts in the hosts given. They must not throw, apart from HostError in
/// `work`, which goes to `failed`.
struct HostWork {
  std::function<void(std::size_t index, HostLink& link)> work;
  std::function<void(std::size_t index, const Failure& failure)> failed;
};

/// Reaches all hosts at once and does the work on each. All are dialed in one loop; only one that answered
/// takes a place in the pool, so that a dead host delays nobody. Returns when all are done.
void fan_out(std::span<const config::Host* const> hosts, const FanOutOptions& options, const HostWork& work);

} // namespace controller
