#pragma once

#include "config/config.hpp"

#include <string>

namespace systemd_units {

/// The unit file of a manager that has `exec`: `manager@.service` with what the configuration says, marked as
/// written by deploy. Pure. \param registry REGISTRY_ENDPOINT, where the manager's `environment` has none
std::string manager_unit(const config::Manager& manager, const std::string& registry);

} // namespace systemd_units
