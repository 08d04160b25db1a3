#pragma once

#include "registry_core/listening_sockets.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace cli {

/// The service manager that started this process (sd_notify(3)); without one every call does nothing. One
/// thread.
class ServiceManager {
public:
  ServiceManager();

  /// The sockets that it passes on (sd_listen_fds(3)), and the environment no longer says so. Once.
  static registry_core::ListeningSockets passed_sockets();

  void ready(const std::string& status);
  /// The configuration is read again; ready() ends it.
  void reloading();
  void stopping();
  /// Call it often: it says WATCHDOG=1 twice in the time that the unit's WatchdogSec allows.
  void alive();

private:
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::duration> interval_;
  Clock::time_point said_;
};

} // namespace cli
