#pragma once

#include "config/config.hpp"

#include <string>
#include <string_view>

namespace controller {

/// config::parse with the rules for unit names and SSH targets, so that a wrong one is a fault of the file.
/// `path` is only named. \throws config::Error.
config::Config parse_config(std::string_view text, const std::string& path);

/// The same for a file. \throws config::Error, std::system_error.
config::Config load_config(const std::string& path);

} // namespace controller
