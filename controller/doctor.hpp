#pragma once

#include "config/config.hpp"
#include "controller/fan_out.hpp"
#include "controller/finding.hpp"

#include <span>
#include <string>
#include <vector>

namespace controller {

/// Looks at everything on these hosts that a start relies on, side by side, and changes nothing: settings in
/// force, keys, systemd, units, rights, journal, clock, the way to the registry. Findings in the hosts'
/// order; a host that can't be reached has those up to where it failed. Never throws for a host's sake.
/// \param registry where the managers on the hosts reach it.
std::vector<Finding> diagnose(std::span<const config::Host* const> hosts,
                              const std::vector<std::string>& registry, const FanOutOptions& options);

} // namespace controller
