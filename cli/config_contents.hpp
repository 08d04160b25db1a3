#pragma once

#include "config/config.hpp"

#include <cstddef>
#include <string>

namespace cli {

std::size_t managers_of(const config::Config& config);

/// `1 host, 3 managers`
std::string contents(const config::Config& config);

} // namespace cli
