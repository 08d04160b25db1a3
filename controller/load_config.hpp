#pragma once

#include "config/config.hpp"

#include <string>

namespace controller {

/// config::load with the rules for unit names and SSH targets, so that a wrong one is a fault of the file.
/// \throws config::Error, std::system_error.
config::Config load_config(const std::string& path);

} // namespace controller
