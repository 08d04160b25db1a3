#pragma once

#include "registry_core/listening_sockets.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cli {

/// The service manager that started this process (sd_notify(3)); without one every call does nothing. One
/// thread.
class ServiceManager {
public:
  ServiceManager();

  /// The sockets that it passes on (sd_listen_fds(3)), and the environment no longer says so. Where none is
  /// passed for an endpoint, a new one that it is asked to keep for the next activation (FDSTORE in
  /// sd_notify(3)), where the unit has it keep any: so the port stays open while the service is restarted.
  /// What it kept for endpoints that are no longer among these is given up. Once.
  static registry_core::ListeningSockets listening_sockets(const std::vector<std::string>& endpoints);

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
