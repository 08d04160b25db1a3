#pragma once

#include "config/config.hpp"
#include "controller/failure.hpp"
#include "controller/fan_out.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace controller {

/// Whether a host can be worked with.
struct HostStatus {
  const config::Host* host = nullptr;
  bool reachable = false;     ///< it answered as an SSH server
  bool authenticated = false; ///< its key is trusted and ours was taken
  std::string systemd_version;
  double connect_s = 0;               ///< from the name to an authenticated session
  std::optional<double> round_trip_s; ///< one small command on the open session; absent where it failed
  std::optional<Failure> failure;
};

/// Opens a session to each host and asks for systemd's version. In the order given.
std::vector<HostStatus> check_hosts(std::span<const config::Host* const> hosts, const FanOutOptions& options);

} // namespace controller
